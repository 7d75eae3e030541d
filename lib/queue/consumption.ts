import { AsyncResource } from 'node:async_hooks';
import type { Subscriber } from 'rxjs';
import { NoQuorumError } from '../errors.js';
import { pause } from '../runtime/pause.js';
import type { Clock, Timer } from '../runtime/clock.js';
import type { Bell } from './bell.js';
import type { HeldDelivery } from './held-delivery.js';
import { HomeWatch } from './home-watch.js';
import type { Intake, IntakeTerms } from './intake.js';
import type { PauseWatch } from './pause-watch.js';
import { Pace } from './pace.js';
import { Prefetch } from './prefetch.js';
import type { Delivery } from './queue.js';

/** Messages that are asked for at once, at most. */
const roundMax = 500;
/** ms before the members are asked again after they could not answer, at first and at most. */
const retryMin = 20;
const retryMax = 1000;
/** ms that messages may wait here which were leased ahead because handlers had been quick; more where members are far. */
const waitMin = 200;
const horizonsMax = 4;

export interface ConsumptionTerms extends Omit<IntakeTerms, 'onEnded'> {
  readonly concurrency: number;
  /** Undefined: as many as handlers end while members are asked. */
  readonly prefetch: number | undefined;
  readonly drainTimeout: number;
  readonly pollInterval: number;
}

/**
 * One subscription to a queue: leases ahead, hands out as many as may be out, rests while there is nothing. It ends by
 * being unsubscribed only: members that fail, home changes and pauses cost time.
 *
 * @see docs/guides/queue.md#consume
 */
export class Consumption<T> {
  /** Where it was subscribed: who settles a delivery inside a lock must not lend that lock to who gets the next one. */
  private readonly origin = new AsyncResource('MajorityRedisConsumption');
  private readonly stopped = new AbortController();
  private readonly ready: HeldDelivery[] = [];
  private readonly out = new Set<HeldDelivery>();
  private isEmitting = false;
  private roomMade: (() => void) | undefined;
  private readonly drained = new AbortController();
  private stopping: Promise<void> | undefined;
  private retryDelay = retryMin;
  private ended: Promise<void> = Promise.resolve();
  private readonly prefetch: Prefetch;
  private readonly homeWatch: HomeWatch;
  private readonly pace: Pace;
  private spilling: Timer | undefined;
  /** Whether what came last was handed to it by the members. */
  private wasHanded = false;

  constructor(
    private readonly intake: Intake,
    private readonly pauseWatch: PauseWatch,
    private readonly bell: Bell,
    private readonly clock: Clock,
    private readonly terms: ConsumptionTerms,
    private readonly subscriber: Subscriber<Delivery<T>>,
  ) {
    this.prefetch = new Prefetch(clock, terms.prefetch);
    this.homeWatch = new HomeWatch(clock, terms.pollInterval);
    this.pace = new Pace(clock);
  }

  start(): void {
    this.pauseWatch.start();
    const changes = this.pauseWatch.changes.subscribe(() => this.bell.ring());
    this.ended = this.run().finally(() => changes.unsubscribe());
  }

  /**
   * Leases no more, gives back what was not handed out, lets what is out be settled for `drainTimeout`; then takes that
   * back too. Once more with 0: without waiting any longer.
   */
  stop(drainTimeout = this.terms.drainTimeout): Promise<void> {
    if (drainTimeout === 0) this.drained.abort();
    return (this.stopping ??= this.drain(drainTimeout));
  }

  private async drain(drainTimeout: number): Promise<void> {
    this.stopped.abort();
    this.roomMade?.();
    this.bell.close();
    await this.ended;
    if (this.out.size > 0) await pause(this.clock, drainTimeout, this.drained.signal);
    // where that fails the lease ends by itself
    await Promise.allSettled([...this.out].map((delivery) => delivery.takeBack()));
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      const isPaused = this.pauseWatch.isPaused !== false;
      if (this.hasRoom() && !isPaused) {
        await this.fetch(signal);
        continue;
      }
      this.bell.refuseHanded();
      if (isPaused) await this.bell.rest(this.terms.pollInterval, signal);
      else await this.room();
    }
    this.spilling?.cancel();
    await giveBack(this.ready.splice(0));
  }

  private async fetch(signal: AbortSignal): Promise<void> {
    const { concurrency, pollInterval } = this.terms;
    const terms = { ...this.terms, onEnded: this.onEnded };
    try {
      const handed = this.bell.takeHanded();
      if (handed.length > 0) {
        this.wasHanded = true;
        return this.receive(await this.intake.open(handed, terms), true);
      }
      const home = this.intake.home(this.homeWatch);
      await this.bell.open(home, signal);
      if (signal.aborted) return;
      // at least one: there may be less room than before
      const room = concurrency + this.prefetch.count - this.out.size - this.ready.length;
      const count = Math.max(1, Math.min(roundMax, room));
      // who is handed one message after the other has got nothing to wait for at home, mostly
      if (this.wasHanded && this.pace.isSlow) this.bell.standAtOthers(home);
      this.wasHanded = false;
      const { who } = this.bell;
      const askedAt = this.clock.now();
      const taken = await this.intake.take(count, home, terms, who);
      this.prefetch.adapt(askedAt);
      this.retryDelay = retryMin;
      this.receive(taken.deliveries, taken.hadMessages);
      if (taken.hadMessages) return this.bell.leaveOthers(home);
      this.bell.noteListening(home, who, taken.listening);
      if (this.pace.isSlow) this.bell.standAtOthers(home);
      if (await this.bell.rest(Math.min(taken.waitMs, pollInterval), signal)) this.homeWatch.noteWakeUp();
    } catch (error) {
      if (!(error instanceof NoQuorumError)) return this.fail(error);
      await this.bell.rest(this.retryDelay, signal);
      this.retryDelay = Math.min(retryMax, this.retryDelay * 2);
    }
  }

  private receive(deliveries: readonly HeldDelivery[], hadMessages: boolean): void {
    if (hadMessages) this.pace.note();
    this.ready.push(...deliveries);
    this.emit();
    this.watchReady();
    this.homeWatch.note(hadMessages);
  }

  /** What is no lack of members is a mistake of this program: it must not be asked forever. */
  private fail(error: unknown): void {
    if (!this.stopped.signal.aborted) this.subscriber.error(error);
  }

  private emit(): void {
    if (this.isEmitting) return;
    this.isEmitting = true;
    while (this.out.size < this.terms.concurrency && this.ready.length > 0 && !this.stopped.signal.aborted) {
      const delivery = this.ready.shift()!;
      // one that was lost while it waited is somebody else's
      if (!delivery.isHeld) continue;
      this.out.add(delivery);
      this.subscriber.next(delivery as unknown as Delivery<T>);
    }
    this.isEmitting = false;
    if (this.hasRoom()) this.roomMade?.();
  }

  private readonly onEnded = (delivery: HeldDelivery): void => {
    this.out.delete(delivery);
    this.prefetch.noteEnded();
    if (this.stopped.signal.aborted) {
      if (this.out.size === 0) this.drained.abort();
      return;
    }
    // most that is settled as soon as it is handed out is settled inside emit()
    if (!this.isEmitting) this.origin.runInAsyncScope(this.emit, this);
  };

  /** Several are asked for at once, unless the consumer would have to wait for them. */
  private hasRoom(): boolean {
    const total = this.terms.concurrency + this.prefetch.count;
    const used = this.out.size + this.ready.length;
    return used === 0 || total - used >= Math.ceil(total / 4);
  }

  /** What waits behind slow handlers, though it was leased for quick ones, is given to others. */
  private watchReady(): void {
    if (this.spilling || this.ready.length <= this.prefetch.keptMax) return;
    const waitMax = Math.max(waitMin, horizonsMax * this.prefetch.horizon);
    this.spilling = this.clock.schedule(
      waitMax,
      () => {
        this.spilling = undefined;
        if (this.stopped.signal.aborted) return;
        const before = this.clock.now() - waitMax;
        const late = this.ready.findIndex(({ message }) => message.askedAt > before);
        const spilled = this.ready.splice(this.prefetch.keptMax, (late < 0 ? Infinity : late) - this.prefetch.keptMax);
        void giveBack(spilled);
        this.watchReady();
      },
      true,
    );
  }

  private room(): Promise<void> {
    return new Promise((resolve) => {
      this.roomMade = () => {
        this.roomMade = undefined;
        resolve();
      };
    });
  }
}

async function giveBack(deliveries: readonly HeldDelivery[]): Promise<void> {
  // where that fails the lease ends by itself
  await Promise.allSettled(deliveries.map((delivery) => delivery.giveBack()));
}
