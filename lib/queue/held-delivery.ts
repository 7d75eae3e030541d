import { inspect, type InspectOptions } from 'node:util';
import { LeaseLostError, type LeaseLossReason } from '../errors.js';
import type { Backoff, BackoffFunction, Delivery, NackOptions } from './queue.js';
import type { LeasedMessage } from './leaser.js';
import type { RecordHead } from './message-record.js';
import { attemptOf } from './message-attempts.js';
import { createdUs } from './message-ids.js';
import { shownAs } from '../runtime/shown-as.js';

/** What a delivery needs of its queue. */
export interface DeliveryContext {
  readonly queue: string;
  now(): number;
  /** Checks the caller's options. @throws InvalidOptionsError */
  checkLease(lease: unknown): number;
  checkDelay(delay: unknown): number;
  /** @param backoff undefined: the queue's */
  backoffDelay(backoff: Backoff | BackoffFunction | undefined, delivery: Delivery, error: unknown): number;
  ack(message: LeasedMessage): Promise<void>;
  nack(message: LeasedMessage, delay: number, isFree: boolean): Promise<void>;
  reject(message: LeasedMessage, reason: string): Promise<void>;
  extend(delivery: HeldDelivery, lease: number): Promise<boolean>;
  /** No lease of it is to be kept any more. */
  onEnded(delivery: HeldDelivery): void;
  /** Its validity passed before it was settled. */
  onLost(delivery: HeldDelivery, error: LeaseLostError): void;
  noQuorum(delivery: HeldDelivery): Error;
}

type State =
  | { readonly kind: 'held' }
  | { readonly kind: 'settled'; readonly verb: string; readonly outcome: Promise<void> }
  | { readonly kind: 'lost'; readonly error: LeaseLostError };

/** A message that a quorum leased to this client. */
export class HeldDelivery implements Delivery {
  /** `clock.now()` at which its lease is to be extended; kept by the lease keeper. */
  extendAt = Infinity;
  private state: State = { kind: 'held' };
  private controller: AbortController | undefined;

  constructor(
    private readonly context: DeliveryContext,
    readonly message: LeasedMessage,
    private readonly record: RecordHead,
    readonly body: unknown,
    /** ms */
    public lease: number,
    private readonly backoff: Backoff | BackoffFunction | undefined,
    /** Told once, when it is settled or lost. */
    private readonly onEnded: (delivery: HeldDelivery) => void,
  ) {}

  /** `clock.now()` until which nobody else can have it. */
  get validUntil(): number {
    return this.message.validUntil;
  }

  set validUntil(until: number) {
    this.message.validUntil = until;
  }

  get queue(): string {
    return this.context.queue;
  }

  get id(): string {
    return this.record.callerId || this.message.id;
  }

  get attempt(): number {
    return attemptOf(this.message.counted);
  }

  get maxAttempts(): number {
    return this.record.maxAttempts;
  }

  get token(): number {
    return this.message.token;
  }

  get priority(): number {
    return this.record.priority;
  }

  get group(): string | undefined {
    return this.record.group || undefined;
  }

  get createdAt(): Date {
    return new Date(createdUs(this.message.id) / 1000);
  }

  get trace(): string | undefined {
    return this.record.trace || undefined;
  }

  get isHeld(): boolean {
    return this.state.kind === 'held' && this.context.now() < this.validUntil;
  }

  get signal(): AbortSignal {
    // made at first use: most deliveries are settled in less time than making it takes
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.state.kind === 'lost') this.controller.abort(this.state.error);
    }
    return this.controller.signal;
  }

  ack(): Promise<void> {
    return this.settle('ack', () => this.context.ack(this.message));
  }

  nack({ delay, error }: NackOptions = {}): Promise<void> {
    const checked = delay === undefined ? undefined : this.context.checkDelay(delay);
    return this.settle('nack', () => {
      if (this.attempt >= this.maxAttempts) return this.context.reject(this.message, reasonOf(error));
      const rest = checked ?? this.context.backoffDelay(this.backoff ?? this.record.backoff, this, error);
      return this.context.nack(this.message, rest, false);
    });
  }

  reject(reason = 'rejected'): Promise<void> {
    return this.settle('reject', () => this.context.reject(this.message, reasonOf(reason)));
  }

  giveBack(): Promise<void> {
    return this.settle('giveBack', () => this.context.nack(this.message, 0, true));
  }

  async extend(lease = this.lease): Promise<void> {
    const checked = this.context.checkLease(lease);
    if (this.isHeld && (await this.context.extend(this, checked))) return;
    if (!this.isHeld) throw this.lossError();
    throw this.context.noQuorum(this);
  }

  /** @internal without the body, as logs must not have it */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    const { queue, id, attempt, maxAttempts, token, priority, group, createdAt, isHeld } = this;
    return shownAs('Delivery', { queue, id, attempt, maxAttempts, token, priority, group, createdAt, isHeld }, options);
  }

  /** Gives it back though its consumer may still be at work, who is told by the signal. */
  async takeBack(): Promise<void> {
    if (this.state.kind !== 'held') return;
    const { signal } = this;
    const outcome = this.giveBack();
    if (!signal.aborted) this.controller!.abort(this.error('given-back'));
    await outcome;
  }

  /** Its validity passed. */
  lose(): void {
    if (this.state.kind !== 'held') return;
    const error = this.error('validity-passed');
    this.state = { kind: 'lost', error };
    this.controller?.abort(error);
    this.end();
    this.context.onLost(this, error);
  }

  /** The same call again has the same outcome; another one after it is refused. */
  private settle(verb: string, act: () => Promise<void>): Promise<void> {
    if (this.state.kind === 'settled' && this.state.verb === verb) return this.state.outcome;
    // a settlement that others may not count any more could still take effect on some members
    if (!this.isHeld) this.lose();
    if (this.state.kind !== 'held') return Promise.reject(this.lossError());
    let outcome: Promise<void>;
    try {
      outcome = act();
    } catch (error) {
      return Promise.reject(error as Error);
    }
    this.state = { kind: 'settled', verb, outcome };
    this.end();
    return outcome;
  }

  private end(): void {
    this.context.onEnded(this);
    this.onEnded(this);
  }

  private lossError(): LeaseLostError {
    if (this.state.kind === 'lost') return this.state.error;
    return this.error(this.state.kind === 'held' ? 'validity-passed' : 'settled');
  }

  private error(reason: LeaseLossReason): LeaseLostError {
    return new LeaseLostError(this.queue, this.id, this.token, reason, []);
  }
}

/** Longest reason that is kept with a dead letter, in characters. */
const reasonMax = 1000;

function reasonOf(error: unknown): string {
  if (error === undefined) return 'failed';
  const text =
    error instanceof Error ? `${error.name}: ${error.message}` : inspect(error, { depth: 1, breakLength: Infinity });
  return (typeof error === 'string' ? error : text).slice(0, reasonMax);
}
