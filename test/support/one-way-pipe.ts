import type { Socket } from 'node:net';

/** How far one side may run ahead while the other gets nothing; then TCP's own back-pressure stops it. */
const heldBytesMax = 1024 * 1024;

interface Parcel {
  /** undefined: the sender has closed. */
  data: Buffer | undefined;
  /** By performance.now(). */
  dueAt: number;
}

/** Carries bytes from one socket to another, in order, late or not at all for a while. */
export class OneWayPipe {
  private readonly parcels: Parcel[] = [];
  private heldBytes = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private delay: number,
    private isHeld: boolean,
    /** Sees what comes before it is passed on. */
    private readonly look: (data: Buffer) => void = () => undefined,
  ) {
    from.on('data', (data) => this.accept(data));
    from.once('end', () => this.accept(undefined));
    from.once('close', () => this.accept(undefined));
  }

  /** From now on each byte takes `delay` ms longer. */
  setDelay(delay: number): void {
    this.delay = delay;
  }

  /** Held: nothing comes out, not even that the sender has closed. Released: all of it comes, in order. */
  setHeld(isHeld: boolean): void {
    this.isHeld = isHeld;
    this.deliver();
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.parcels.length = 0;
  }

  private accept(data: Buffer | undefined): void {
    if (data) this.look(data);
    this.parcels.push({ data, dueAt: performance.now() + this.delay });
    this.heldBytes += data?.length ?? 0;
    if (this.heldBytes > heldBytesMax) this.from.pause();
    this.deliver();
  }

  private deliver(): void {
    clearTimeout(this.timer);
    while (!this.isHeld && this.parcels.length > 0) {
      const wait = this.parcels[0]!.dueAt - performance.now();
      if (wait > 0) {
        this.timer = setTimeout(() => this.deliver(), wait);
        return;
      }
      this.handOver(this.parcels.shift()!);
    }
  }

  private handOver({ data }: Parcel): void {
    if (this.to.destroyed) return;
    if (data === undefined) this.to.end();
    else this.to.write(data);
    this.heldBytes -= data?.length ?? 0;
    if (this.heldBytes <= heldBytesMax) this.from.resume();
  }
}
