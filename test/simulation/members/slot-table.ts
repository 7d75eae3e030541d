import { slotCount, slotOf } from '../../../lib/member/key-slot.js';
import { fromBytes, type Bytes } from '../redis/bytes.js';
import type { Reply } from '../redis/reply.js';

const port = 6379;

/**
 * Which master of one Cluster serves each slot, and which slots are on their way to another one. All servers of the Cluster
 * know it at once; a client knows what it was told.
 */
export class SlotTable {
  private readonly owners: number[];
  /** By slot, the master that it moves to. */
  private readonly moving = new Map<number, number>();

  constructor(private readonly names: readonly string[]) {
    this.owners = Array.from({ length: slotCount }, (_, slot) => Math.floor((slot * names.length) / slotCount));
  }

  ownerOf(slot: number): number {
    return this.owners[slot]!;
  }

  isMoving(slot: number): boolean {
    return this.moving.has(slot);
  }

  beginMove(slot: number, to: number): void {
    this.moving.set(slot, to);
  }

  endMove(slot: number): void {
    this.owners[slot] = this.moving.get(slot)!;
    this.moving.delete(slot);
  }

  /** What `CLUSTER SLOTS` answers: ranges of slots, each with its master. */
  tell(): Reply {
    const ranges: [first: number, last: number, master: [string, number]][] = [];
    for (const [slot, owner] of this.owners.entries()) {
      const last = ranges.at(-1);
      if (last && last[2][0] === this.names[owner]) last[1] = slot;
      else ranges.push([slot, slot, [this.names[owner]!, port]]);
    }
    return ranges;
  }

  /**
   * What a master says to a command instead of executing it; undefined when it may. As Redis: of a slot that moves away it
   * serves what it has, and only when that is all that the command names.
   */
  refusal(master: number, keys: readonly Bytes[], has: (key: Bytes) => boolean): Bytes | undefined {
    const [slot, ...others] = keys.map((key) => slotOf(fromBytes(key)));
    if (slot === undefined) return undefined;
    if (others.some((other) => other !== slot)) return "CROSSSLOT Keys in request don't hash to the same slot";
    const owner = this.ownerOf(slot);
    if (owner !== master) return `MOVED ${slot} ${this.names[owner]}:${port}`;
    const to = this.moving.get(slot);
    if (to === undefined || keys.every(has)) return undefined;
    if (keys.some(has)) return 'TRYAGAIN Multiple keys request during rehashing of slot';
    return `ASK ${slot} ${this.names[to]}:${port}`;
  }
}
