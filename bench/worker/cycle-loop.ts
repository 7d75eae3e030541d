import { setImmediate as afterOtherWork } from 'node:timers/promises';
import type { PeerConnection } from '../peers/peer.js';
import type { Failures } from './failures.js';

/** Keys in use at once by all loops of one load. */
const KEY_POOL = 1000;

/** Called after each complete cycle with `performance.now()` before the acquisition and after the release. */
export type OnCycle = (startedAt: number, endedAt: number) => void;

/** Takes and gives back locks, several loops at once, each on keys of its own: nobody contends. */
export class CycleLoop {
  private running = true;
  private busy = 0;
  private loops: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: PeerConnection,
    private readonly failures: Failures,
  ) {}

  start(concurrency: number, keyPrefix: string, onCycle: OnCycle): void {
    const share = Math.floor(KEY_POOL / concurrency);
    const loops = Array.from({ length: concurrency }, (_, loop) => {
      const keys = Array.from({ length: share }, (__, index) => `${keyPrefix}:${loop * share + index}`);
      return this.loop(keys, onCycle);
    });
    this.loops = Promise.all(loops);
  }

  /**
   * Ends the loops after their present cycle.
   *
   * @param boundMs how long to wait for these
   * @returns how many did not come back
   */
  async stop(boundMs: number): Promise<number> {
    this.running = false;
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise((resolve) => {
      timer = setTimeout(resolve, boundMs);
    });
    await Promise.race([this.loops, bound]);
    clearTimeout(timer);
    return this.busy;
  }

  private async loop(keys: readonly string[], onCycle: OnCycle): Promise<void> {
    this.busy++;
    for (let turn = 0; this.running; turn++) {
      const startedAt = performance.now();
      if (await this.cycle(keys[turn % keys.length] ?? '')) onCycle(startedAt, performance.now());
      // a call that fails at once must not keep timers and sockets from their turn
      else await afterOtherWork();
    }
    this.busy--;
  }

  private async cycle(key: string): Promise<boolean> {
    let during = 'acquire';
    try {
      const held = await this.connection.acquire(key);
      during = 'release';
      await this.connection.release(held);
      return true;
    } catch (error) {
      this.failures.add(during, error);
      return false;
    }
  }
}
