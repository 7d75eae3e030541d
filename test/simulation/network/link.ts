import type { Chance } from '../time/chance.js';

/** From the client to the member, or back. */
export type Direction = 'there' | 'back';

/** How long messages take, ms. */
export interface DelayOptions {
  readonly usualMax: number;
  /** Part of the messages that take up to `slowMax`. */
  readonly slowShare: number;
  readonly slowMax: number;
}

/** The way between one client and one member, which all its connections share. */
export class Link {
  private readonly cut = { there: false, back: false };
  private distance: number | undefined;
  private readonly wires = new Set<LinkedWire>();

  constructor(
    private delays: DelayOptions,
    private readonly chance: Chance,
  ) {}

  /** From now on every message takes about so long, ms. */
  setDistance(ms: number): void {
    this.distance = ms;
  }

  isCut(direction: Direction): boolean {
    return this.cut[direction];
  }

  delay(): number {
    if (this.distance !== undefined) return this.distance * this.chance.between(0.95, 1.05);
    const { usualMax, slowShare, slowMax } = this.delays;
    return this.chance.isHit(slowShare) ? this.chance.between(usualMax, slowMax) : this.chance.between(0.05, usualMax);
  }

  /** What is on the way is kept, as a sender repeats it until the way is free again or it gives up. */
  setCut(directions: readonly Direction[]): void {
    for (const direction of directions) this.cut[direction] = true;
  }

  restore(): void {
    this.cut.there = false;
    this.cut.back = false;
    for (const wire of this.wires) wire.onRestored();
  }

  /** From now on no message takes long. */
  calm(): void {
    this.delays = { ...this.delays, slowShare: 0 };
  }

  /** All connections break at once. */
  loseAll(): void {
    for (const wire of this.wires) wire.lose();
  }

  add(wire: LinkedWire): void {
    this.wires.add(wire);
  }

  remove(wire: LinkedWire): void {
    this.wires.delete(wire);
  }
}

/** A connection over this link. */
export interface LinkedWire {
  onRestored(): void;
  lose(): void;
}
