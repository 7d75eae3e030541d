import { Observable } from 'rxjs';
import type { NoQuorumError } from '../errors.js';
import { encodeValue } from '../kv/codec.js';
import type { QuorumKvService } from '../kv/quorum-kv.service.js';
import type { Group } from '../quorum/group.js';
import { AntiEntropy } from './anti-entropy.js';
import { backoffDelay, delayMax } from './backoff.js';
import { Bell } from './bell.js';
import { CallerIds } from './caller-ids.js';
import { Consumption, type ConsumptionTerms } from './consumption.js';
import type { HeldDelivery } from './held-delivery.js';
import { HomeWatch } from './home-watch.js';
import { Intake } from './intake.js';
import { LeaseKeeper } from './lease-keeper.js';
import { Leaser } from './leaser.js';
import type { MemberTime } from './member-time.js';
import { recordText } from './message-record.js';
import { MessageViews } from './message-views.js';
import { PutBatch } from './put-batch.js';
import { pausedValue, pauseKey, PauseWatch } from './pause-watch.js';
import { Pull, type GetTerms } from './pull.js';
import { Putter } from './putter.js';
import type { Delivery, PutReceipt } from './queue.js';
import { QueueRequests } from './queue-requests.js';
import {
  checkDelay,
  checkLease,
  type ResolvedPutOptions,
  type ResolvedQueueDefaults,
  type ResolvedQueueModuleOptions,
} from './resolve-queue-options.js';
import { Settler } from './settler.js';

/** A message as it is sent. */
export interface MessageToSend {
  /** The caller's. */
  readonly id: string | undefined;
  readonly record: string;
  /** ms */
  readonly delay: number;
}

/** One queue as this client uses it: its parts, wired. */
export class WorkQueue {
  readonly views: MessageViews;
  readonly callerIds: CallerIds;
  private readonly requests: QueueRequests;
  private readonly putter: Putter;
  private readonly leaser: Leaser;
  private readonly settler: Settler;
  private readonly keeper: LeaseKeeper;
  private readonly intake: Intake;
  private readonly pauseWatch: PauseWatch;
  private readonly homeWatch: HomeWatch;
  private readonly antiEntropy: AntiEntropy;
  private readonly consumptions = new Set<Consumption<never>>();
  private readonly closing = new AbortController();

  constructor(
    private readonly group: Group,
    readonly name: string,
    readonly defaults: ResolvedQueueDefaults,
    private readonly module: ResolvedQueueModuleOptions,
    private readonly registers: QuorumKvService,
    time: MemberTime,
  ) {
    this.requests = new QueueRequests(group, name);
    this.views = new MessageViews(this.requests);
    this.callerIds = new CallerIds(group, registers, time.clock, name, module.idRetention);
    this.putter = new Putter(this.requests, time.clock, time.ids);
    this.leaser = new Leaser(this.requests, time);
    this.settler = new Settler(this.requests, this.leaser);
    this.keeper = new LeaseKeeper(this.leaser, group.clock);
    this.pauseWatch = new PauseWatch(registers, pauseKey(name));
    this.homeWatch = new HomeWatch(group.clock, module.pollInterval);
    this.antiEntropy = new AntiEntropy(this.requests, module.antiEntropyInterval);
    const parts = [this.requests, this.leaser, this.keeper, this.settler, this.callerIds, this.putter] as const;
    this.intake = new Intake(...parts, defaults.codec, {
      queue: name,
      now: () => group.now(),
      checkLease: (lease) => checkLease(lease, module.leaseMax),
      checkDelay,
      backoffDelay: (backoff, delivery, error) => this.restOf(backoff, delivery, error),
      ack: (message) => this.settler.ack(message),
      nack: (message, delay, isFree) => this.settler.nack(message, delay, isFree),
      reject: (message, reason) => this.settler.reject(message, reason),
      extend: (delivery, lease) => this.keeper.extend(delivery, lease),
      onEnded: (delivery) => this.keeper.remove(delivery),
      onLost: ({ id, token }, { reason }) => group.events.next({ type: 'lease-lost', queue: name, id, token, reason }),
      noQuorum: (delivery) => group.noQuorum(`extension of message ${delivery.id} of queue "${name}"`, group.reports()),
    });
    this.antiEntropy.start();
  }

  /** @throws InvalidOptionsError when the codec cannot carry the body, or it is too big */
  encode(body: unknown, options: ResolvedPutOptions): MessageToSend {
    // named one by one: copying the rest of an object costs a quarter of a put
    const { id, delay, group, priority, maxAttempts, backoff, trace } = options;
    const encoded = encodeValue(this.defaults.codec, body, this.module.maxBodyBytes, 'body');
    const record = recordText({ priority, group, maxAttempts, backoff, callerId: id ?? '', trace, body: encoded });
    return { id, record, delay };
  }

  /**
   * Calls back once all are decided.
   *
   * @param reject gets what the first one of those met that failed
   */
  putAll(
    messages: readonly MessageToSend[],
    resolve: (receipts: PutReceipt[]) => void,
    reject: (error: unknown) => void,
  ): void {
    const batch = new PutBatch(messages.length, resolve, reject);
    messages.forEach((message, index) => {
      const { id, record, delay } = message;
      if (id === undefined) return this.putter.put(message, batch, index);
      this.callerIds.put(id, record, delay, this.putter).then(
        (isDuplicate) => batch.onReceipt(index, { id, isDuplicate }),
        (error: unknown) => batch.onFailed(index, error),
      );
    });
  }

  async get(terms: GetTerms): Promise<Delivery[]> {
    const signal = terms.signal ? AbortSignal.any([terms.signal, this.closing.signal]) : this.closing.signal;
    const { requests, leaser, intake, pauseWatch, homeWatch, module } = this;
    return [
      ...(await new Pull(requests, leaser, intake, pauseWatch, homeWatch, module.pollInterval, terms, signal).run()),
    ];
  }

  consume<T>(terms: Omit<ConsumptionTerms, 'pollInterval'>): Observable<Delivery<T>> {
    return new Observable((subscriber) => {
      if (this.closing.signal.aborted) return subscriber.error(this.closing.signal.reason);
      const bell = new Bell(this.requests, this.leaser, terms.lease);
      const all = { ...terms, pollInterval: this.module.pollInterval };
      const consumption = new Consumption<T>(this.intake, this.pauseWatch, bell, this.group.clock, all, subscriber);
      this.consumptions.add(consumption as unknown as Consumption<never>);
      consumption.start();
      return () => {
        void consumption.stop().finally(() => this.consumptions.delete(consumption as unknown as Consumption<never>));
      };
    });
  }

  async pause(): Promise<void> {
    await this.registers.set(pauseKey(this.name), pausedValue);
  }

  async resume(): Promise<void> {
    await this.registers.delete(pauseKey(this.name));
  }

  /** Ends the background work and gives back what is held. */
  async close(): Promise<void> {
    this.closing.abort(closingError(this.group, this.name));
    await Promise.all([...this.consumptions].map((consumption) => consumption.stop(0)));
    await Promise.allSettled(this.keeper.deliveries.map((delivery: HeldDelivery) => delivery.takeBack()));
    this.pauseWatch.close();
    await this.antiEntropy.close();
  }

  private restOf(
    backoff: ResolvedQueueDefaults['backoff'] = this.defaults.backoff,
    delivery: Delivery,
    error: unknown,
  ): number {
    if (typeof backoff !== 'function') return backoffDelay(backoff, delivery.attempt, this.group.random);
    const delay = backoff(delivery.attempt, error, delivery);
    return Number.isFinite(delay) ? Math.min(delayMax, Math.max(0, Math.round(delay))) : 0;
  }
}

/** With what calls end while this application closes the group, as those of locks do. */
export function closingError(group: Pick<Group, 'noQuorum'>, queue: string): NoQuorumError {
  return group.noQuorum(`queue "${queue}"`, [{ member: 'this application', said: 'is closing' }]);
}
