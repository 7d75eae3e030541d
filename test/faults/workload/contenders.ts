import { setTimeout as pause } from 'node:timers/promises';
import type { LockService } from '../../../lib/lock/lock.service.js';
import type { History } from '../history/history.js';
import type { FencedResource } from './fenced-resource.js';

/** ms that a contender is inside at most. */
const stayMax = 8;

/** Contenders that take one lock again and again and write to a fenced resource under it. */
export class Contenders {
  private isOver = false;
  private readonly runs: Promise<void>[];

  constructor(
    private readonly key: string,
    services: readonly LockService[],
    count: number,
    private readonly resource: FencedResource,
    private readonly history: History,
    private readonly random: () => number,
  ) {
    this.runs = Array.from({ length: count }, (_, index) =>
      this.run(`contender-${index + 1}`, services[index % services.length]!),
    );
  }

  /** Resolves once all have left. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.runs);
  }

  private async run(name: string, locks: LockService): Promise<void> {
    while (!this.isOver) {
      try {
        await using lock = await locks.acquire(this.key, { ttl: 1000, waitFor: 1000 });
        // it says so at this moment, so what is written at this moment must not be refused
        if (!lock.isHeld) continue;
        const leave = this.history.enter(name, lock);
        this.write(name, lock.token);
        await pause(this.random() * stayMax);
        leave();
      } catch (error) {
        this.history.fail(name, (error as { code?: string }).code ?? String(error));
        // no quorum is told at once: do not spin
        await pause(this.random() * stayMax);
      }
    }
  }

  private write(name: string, token: number): void {
    let isAccepted = true;
    try {
      this.resource.write(token);
    } catch {
      isAccepted = false;
    }
    this.history.write(name, token, isAccepted);
  }
}
