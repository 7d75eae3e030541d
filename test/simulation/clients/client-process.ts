import type { Clock, Timer } from '../../../lib/runtime/clock.js';
import type { Random } from '../../../lib/runtime/random.js';
import type { Chance } from '../time/chance.js';
import type { MachineClock } from '../time/machine-clock.js';
import type { Scheduler } from '../time/scheduler.js';

/** ms; a shorter timer takes as long, as in Node. */
const timerMin = 1;

/** One client's process: it may stand still for a while, or die. What reaches it meanwhile waits, or is lost. */
export class ClientProcess implements Clock {
  private state: 'running' | 'paused' | 'dead' = 'running';
  private readonly timers: (() => void)[] = [];
  private readonly arrivals: (() => void)[] = [];
  private readonly ends = new Set<() => void>();
  readonly random: Random;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly clock: MachineClock,
    private readonly chance: Chance,
  ) {
    this.random = { id: () => chance.text(16), fraction: () => chance.fraction() };
  }

  get isDead(): boolean {
    return this.state === 'dead';
  }

  wallUs(): number {
    return this.clock.wallUs();
  }

  now(): number {
    return this.clock.now();
  }

  schedule(delay: number, callback: () => void): Timer {
    let isCancelled = false;
    const fire = (): void => {
      // it may have been cancelled while the process stood still
      if (!isCancelled) callback();
    };
    const timer = this.scheduler.after(this.clock.virtual(Math.max(timerMin, delay)), () =>
      this.take(this.timers, fire),
    );
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  }

  afterTurn(callback: () => void): void {
    this.scheduler.afterTurn(() => {
      if (this.state !== 'dead') callback();
    });
  }

  /** Something comes from outside. */
  receive(callback: () => void): void {
    this.take(this.arrivals, callback);
  }

  /** Called when the process dies: the system closes what it had open. */
  onEnd(callback: () => void): void {
    this.ends.add(callback);
  }

  offEnd(callback: () => void): void {
    this.ends.delete(callback);
  }

  pause(): void {
    if (this.state === 'running') this.state = 'paused';
  }

  /** All that waited happens now: first the timers that are due or first what lies in the sockets. */
  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'running';
    const both = [this.timers.splice(0), this.arrivals.splice(0)];
    if (this.chance.isHit(0.5)) both.reverse();
    for (const callback of both.flat()) this.scheduler.after(0, () => this.take(this.arrivals, callback));
  }

  kill(): void {
    this.state = 'dead';
    for (const callback of this.ends) callback();
  }

  private take(waiting: (() => void)[], callback: () => void): void {
    if (this.state === 'running') callback();
    else if (this.state === 'paused') waiting.push(callback);
  }
}
