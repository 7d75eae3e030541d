import { inspect, type InspectOptions } from 'node:util';
import type { Member } from '../member/member.js';
import type { FanOut } from '../quorum/fan-out.js';
import type { QuorumChoice } from '../quorum/preferred-quorum.js';
import { LockLostError, type LockLossReason, type MemberReport } from '../errors.js';
import { checkWhole } from '../options/checks.js';
import type { Timer } from '../runtime/clock.js';
import { shownAs } from '../runtime/shown-as.js';
import { handedLease, mayBeHanded, type NextInLine } from './hand-over.js';
import type { Lock, LockMode, ReleaseOutcome } from './lock.js';
import type { Claim, LockRequests } from './lock-requests.js';
import { ttlMin, type ResolvedLockOptions } from './resolve-lock-options.js';
import { validityOf } from '../quorum/validity.js';

/** Who is told of a held lock's end. */
export interface LockListener {
  onLost(lock: HeldLock, error: LockLostError): void;
  onEnded(lock: HeldLock): void;
}

/** What a quorum granted. */
export interface Grant {
  readonly token: number;
  /** `clock.now()` when the members were asked. */
  readonly askedAt: number;
  readonly validUntil: number;
  /** Whether others were seen to want it: its release then looks at the line at once. */
  readonly isContended: boolean;
  /** Whether the lease is shorter than what was asked for, as that of a lock that was handed over. */
  readonly isBrief?: boolean;
  /** Who was asked, if not all members. */
  readonly asked?: QuorumChoice<Member>;
  /** Who stood behind it in line, as far as home has told. */
  readonly behind?: { readonly next: NextInLine | undefined };
}

type State =
  | { readonly kind: 'held'; readonly validUntil: number }
  | { readonly kind: 'lost'; readonly error: LockLostError }
  | { readonly kind: 'released'; readonly outcome: Promise<ReleaseOutcome>; readonly lost?: LockLostError };

/** Part of the ttl after which a held lock is extended. */
const extendAfter = 1 / 3;
/** ms after which a brief lease is extended to the ttl: many locks that are wanted much are let go before that. */
const briefly = 20;
/** ms after which a lock that only a quorum was asked for is told to the others: many are let go before that. */
const spreadAfter = 100;

/** A lock that this client was granted: extends itself, notices its loss, lets go. */
export class HeldLock implements Lock {
  readonly keys: readonly string[];
  readonly mode: LockMode;
  readonly holder: string;
  readonly token: number;
  private readonly acquiredAt: number;
  private readonly isContended: boolean;
  private readonly behind: Grant['behind'];
  /** Who was asked, as long as it is not all members. */
  private asked: Grant['asked'];
  private state: State;
  private ttl: number;
  private timer: Timer | undefined;
  private extending: Promise<boolean> | undefined;
  private controller: AbortController | undefined;
  private lastReports: readonly MemberReport[] = [];

  constructor(
    private readonly requests: LockRequests,
    private readonly claim: Claim,
    private readonly options: ResolvedLockOptions,
    grant: Grant,
    private readonly ttlMax: number,
    private readonly listener: LockListener,
  ) {
    this.keys = claim.keys;
    this.mode = claim.mode;
    this.holder = claim.holder;
    this.token = grant.token;
    this.ttl = options.ttl;
    this.acquiredAt = grant.askedAt;
    this.isContended = grant.isContended;
    this.behind = grant.behind;
    this.asked = grant.asked;
    this.state = { kind: 'held', validUntil: grant.validUntil };
    if (grant.isBrief) this.wakeAt(this.now() + briefly, true);
    else if (grant.asked) this.wakeAt(grant.askedAt + Math.min(spreadAfter, this.ttl * extendAfter), true);
    else this.plan(grant.askedAt);
  }

  get isHeld(): boolean {
    return this.remaining > 0;
  }

  get remaining(): number {
    return this.state.kind === 'held' ? Math.max(0, this.state.validUntil - this.now()) : 0;
  }

  get signal(): AbortSignal {
    // made at first use: most locks are held for less time than making it takes
    if (!this.controller) {
      this.controller = new AbortController();
      const lost = this.state.kind === 'lost' ? this.state.error : this.state.kind === 'released' && this.state.lost;
      if (lost) this.controller.abort(lost);
    }
    return this.controller.signal;
  }

  async extend(ttl?: number): Promise<void> {
    if (ttl !== undefined) this.ttl = checkWhole('ttl', ttl, ttlMin, this.ttlMax);
    if (await this.extendInTurn()) return this.plan(this.now());
    if (!this.isHeld) throw this.lossError();
    throw this.requests.group.noQuorum(
      `extension of lock ${this.keys.map((key) => `"${key}"`).join(', ')}`,
      this.lastReports,
    );
  }

  release(): Promise<ReleaseOutcome> {
    if (this.state.kind === 'released') return this.state.outcome;
    const wasHeld = this.isHeld;
    if (this.state.kind === 'held' && !wasHeld) this.lose('validity-passed');
    this.timer?.cancel();
    const outcome = this.letGo(wasHeld);
    this.state = { kind: 'released', outcome, lost: this.state.kind === 'lost' ? this.state.error : undefined };
    this.listener.onEnded(this);
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  /** @internal */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    const { keys, mode, token, holder, isHeld, remaining } = this;
    return shownAs('Lock', { keys, mode, token, holder, isHeld, remaining: Math.round(remaining) }, options);
  }

  private letGo(wasHeld: boolean): Promise<ReleaseOutcome> {
    const keep = Math.max(0, Math.ceil(this.options.minHold - (this.now() - this.acquiredAt)));
    const fanOut = this.sendRelease(wasHeld, keep);
    return new Promise((resolve) => {
      fanOut.whenDecided((verdict) => {
        if (!wasHeld) return resolve('expired');
        if (verdict !== 'granted') return resolve('unconfirmed');
        const wasThere = fanOut.answers.some((answer) => answer?.kind === 'reply' && answer.reply !== 'ABSENT');
        resolve(wasThere ? 'released' : 'expired');
      });
    });
  }

  private sendRelease(wasHeld: boolean, keep: number): FanOut {
    const { requests, claim } = this;
    const { group } = requests;
    const next = this.behind?.next;
    if (!next || !wasHeld || keep > 0 || !mayBeHanded(next, group.now())) {
      return requests.release(claim, this.isContended, keep, wasHeld ? this.asked : undefined);
    }
    group.hybridClock.observe(this.token);
    return requests.handOver(claim, next, group.hybridClock.next(), Math.min(handedLease, group.leaseMax));
  }

  /** Plans the next automatic extension, or the loss when there is none to come. */
  private plan(confirmedAt: number): void {
    if (this.state.kind !== 'held') return;
    const { autoExtend, maxHold } = this.options;
    const extendAt = confirmedAt + this.ttl * extendAfter;
    const mayExtend = autoExtend && (maxHold === 0 || extendAt < this.acquiredAt + maxHold);
    this.wakeAt(mayExtend ? Math.min(extendAt, this.state.validUntil) : this.state.validUntil, mayExtend);
  }

  private wakeAt(at: number, extendThen: boolean): void {
    this.timer?.cancel();
    // the timer keeps no process alive: it serves a holder that is at work
    this.timer = this.requests.group.clock.schedule(
      Math.max(0, at - this.now()),
      () => void this.onTimer(extendThen),
      true,
    );
  }

  private async onTimer(mayExtend: boolean): Promise<void> {
    if (this.state.kind !== 'held') return;
    if (!this.isHeld) {
      const { autoExtend, maxHold } = this.options;
      return this.lose(autoExtend && maxHold > 0 && !mayExtend ? 'max-hold' : 'validity-passed');
    }
    if (!mayExtend) return this.wakeAt(this.state.validUntil, false);
    const askedAt = this.now();
    // the end of validity does not wait for the answers
    this.wakeAt(this.state.validUntil, true);
    if (await this.extendInTurn()) return this.plan(askedAt);
    if (this.state.kind !== 'held') return;
    const retryAt = this.now() + Math.max(10, Math.min(this.ttl / 20, this.remaining / 4));
    this.wakeAt(Math.min(retryAt, this.state.validUntil), true);
  }

  /** One extension after the other: the members' lease is that of the last one sent. */
  private extendInTurn(): Promise<boolean> {
    const turn = this.extending ? this.extending.then(() => this.extendOnce()) : this.extendOnce();
    this.extending = turn;
    return turn;
  }

  private async extendOnce(): Promise<boolean> {
    if (!this.isHeld) return false;
    const { ttl } = this;
    this.asked = undefined;
    const fanOut = this.requests.extend(this.claim, this.token, this.leaseOf(ttl));
    const verdict = await fanOut.verdict;
    this.lastReports = this.requests.reports(fanOut);
    const validUntil = fanOut.startedAt + validityOf(ttl);
    if (verdict !== 'granted' || this.now() >= validUntil || this.state.kind !== 'held') return false;
    // lost in between: the holder was told, or will be, so it does not come back to life
    if (!this.isHeld) return false;
    // members never shorten a lease either
    this.state = { kind: 'held', validUntil: Math.max(validUntil, this.state.validUntil) };
    return true;
  }

  private leaseOf(ttl: number): number {
    return Math.max(ttl, Math.ceil(this.options.minHold - (this.now() - this.acquiredAt)));
  }

  private lose(reason: LockLossReason): void {
    const error = new LockLostError(this.keys, this.token, reason, this.lastReports);
    this.timer?.cancel();
    this.state = { kind: 'lost', error };
    this.listener.onLost(this, error);
    this.controller?.abort(error);
  }

  private lossError(): LockLostError {
    if (this.state.kind === 'held') this.lose('validity-passed');
    if (this.state.kind === 'lost') return this.state.error;
    return new LockLostError(this.keys, this.token, 'released', this.lastReports);
  }

  private now(): number {
    return this.requests.group.now();
  }
}
