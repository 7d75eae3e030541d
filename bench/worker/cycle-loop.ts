import { setImmediate as afterOtherWork } from 'node:timers/promises';
import { comeBack } from './come-back.js';
import type { KeySource } from './keys.js';

/** One cycle on a key. @returns whether it was complete; a failure is counted where it happens */
export type Cycle = (key: string) => Promise<boolean>;

/** Called after each complete cycle with `performance.now()` before and after it. */
export type OnCycle = (startedAt: number, endedAt: number) => void;

/** Repeats a cycle in several loops at once, each with keys of its own: nobody contends. */
export class CycleLoop {
  private running = true;
  private loops: readonly Promise<void>[] = [];

  constructor(
    private readonly cycle: Cycle,
    private readonly keys: KeySource,
  ) {}

  start(concurrency: number, onCycle: OnCycle): void {
    this.loops = Array.from({ length: concurrency }, (_, loop) => this.loop(loop, onCycle));
  }

  /**
   * Ends the loops after their present cycle.
   *
   * @param boundMs how long to wait for these
   * @returns how many did not come back
   */
  stop(boundMs: number): Promise<number> {
    this.running = false;
    return comeBack(this.loops, boundMs);
  }

  private async loop(loop: number, onCycle: OnCycle): Promise<void> {
    for (let turn = 0; this.running; turn++) {
      const startedAt = performance.now();
      if (await this.cycle(this.keys(loop, turn))) onCycle(startedAt, performance.now());
      // a call that fails at once must not keep timers and sockets from their turn
      else await afterOtherWork();
    }
  }
}
