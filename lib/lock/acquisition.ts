import { LockUnavailableError, type NoQuorumError } from '../errors.js';
import { pause } from '../runtime/pause.js';
import { abandon, attempt, type AttemptResult } from './attempt.js';
import { HeldLock, type Grant, type LockListener } from './held-lock.js';
import type { Claim, LockRequests } from './lock-requests.js';
import { lineMs, noInbox } from './lock-votes.js';
import type { ResolvedLockModuleOptions, ResolvedLockOptions } from './resolve-lock-options.js';
import { Waiter } from './waiter.js';

/** How often an acquisition that does not wait tries to settle split votes: of several that came at once one wins. */
const settleMax = 6;

/** A grant, and the names under which it was given. */
export type Granted = Grant & { readonly claim: Claim };

/** One call of `acquire`, from the first question to the grant. */
export class Acquisition {
  private claim: Claim;
  private readonly startedAt: number;
  private readonly lease: number;
  private readonly signal: AbortSignal;

  constructor(
    private readonly requests: LockRequests,
    keys: readonly string[],
    private readonly options: ResolvedLockOptions,
    private readonly module: ResolvedLockModuleOptions,
    closing: AbortSignal,
    private readonly listener: LockListener,
    /** Told of work that may go on after the caller's signal ended the call: it lets go what it is granted. */
    private readonly onWork: (work: Promise<unknown>) => void,
  ) {
    this.claim = { keys, holder: requests.group.random.id(), mode: options.mode };
    this.startedAt = requests.group.now();
    this.lease = Math.max(options.ttl, options.minHold);
    this.signal = options.signal ? AbortSignal.any([options.signal, closing]) : closing;
  }

  /** @throws as `LockService.acquire` */
  run(): Promise<Granted> {
    const work = this.obtain();
    const mayAbort = this.options.waitFor > 0 || this.options.signal !== undefined;
    if (!mayAbort) return work;
    this.onWork(work);
    return this.orAborted(work);
  }

  private async obtain(): Promise<Granted> {
    this.signal.throwIfAborted();
    const [key] = this.claim.keys as [string];
    let result: AttemptResult;
    if (this.mayStandAtOnce(key)) result = await this.waitFor(key, this.claim);
    else {
      result = await this.ask(this.options.waitFor > 0 ? lineMs : 0);
      if (result.kind !== 'granted') result = await this.pursue(result);
    }
    if (result.kind !== 'granted') {
      // members that cannot be asked refuse without any I/O: a caller that tries again in a loop would starve it
      if (result.kind === 'no-quorum') await pause(this.requests.group.clock, 1, this.signal);
      throw this.errorOf(result);
    }
    if (this.signal.aborted) {
      // nobody is there to hold it any more
      this.requests.release(result.claim, true);
      this.signal.throwIfAborted();
    }
    return result;
  }

  /** Where the key was just seen to be wanted by others, all members need not be asked first. */
  private mayStandAtOnce(key: string): boolean {
    return this.options.waitFor > 0 && this.claim.keys.length === 1 && this.requests.contended.has(key);
  }

  /** After the first attempt was not granted. */
  private pursue(first: Exclude<AttemptResult, { kind: 'granted' }>): Promise<AttemptResult> | AttemptResult {
    this.giveUp(first);
    if (first.kind === 'no-quorum') return first;
    if (this.options.waitFor === 0) return this.settle(first);
    const [key, ...others] = this.claim.keys as [string, ...string[]];
    if (others.length > 0) return this.waitForAll(first);
    this.requests.contended.note(key);
    return this.waitFor(key, this.claim, first);
  }

  /** An aborted call rejects at once; what it was granted or will be is let go in the background. */
  private orAborted(work: Promise<Granted>): Promise<Granted> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(this.signal.reason as Error);
      this.signal.addEventListener('abort', onAbort, { once: true });
      work.then(resolve, reject).finally(() => this.signal.removeEventListener('abort', onAbort));
    });
  }

  private ask(line: number): Promise<AttemptResult> {
    const { requests, claim, options, lease } = this;
    // what only a quorum was asked for is told to the others by its extension
    const choice = this.mayBeBrief && claim.keys.length === 1 ? requests.group.chooseQuorum() : undefined;
    return attempt(requests, claim, options.ttl, lease, { kind: 'direct', lineMs: line }, choice);
  }

  private giveUp(result: AttemptResult): void {
    abandon(this.requests, this.claim, result);
    this.claim = this.requests.renewed(this.claim);
  }

  private async askAgain(): Promise<AttemptResult> {
    const result = await this.ask(0);
    if (result.kind !== 'granted') this.giveUp(result);
    return result;
  }

  /** Votes of several that came at once may be split, so that none has a quorum: home says who goes first. */
  private async settle(first: AttemptResult): Promise<AttemptResult> {
    const { group } = this.requests;
    let result = first;
    for (let round = 0; round < settleMax && result.kind === 'refused' && result.isSplit; round++) {
      if (round > 0) await pause(group.clock, 2 ** round * (0.5 + group.random.fraction()), this.signal);
      result = await (this.claim.keys.length === 1 ? this.askForTurn(result) : this.askAgain());
    }
    return result;
  }

  /** One attempt with the turn, if home gives it. What it was granted in vain is let go. */
  private async askForTurn(last: AttemptResult & { kind: 'refused' }): Promise<AttemptResult> {
    const { group } = this.requests;
    const key = this.claim.keys[0]!;
    const home = group.lockHomesOf(key)[0];
    const reply = home && (await this.requests.ask(home, key, this.claim, noInbox));
    // who has it there may be about to lose as well, or be gone already: asked again, home tells
    if (reply?.word === 'HELD') return { ...last, waitMs: Math.max(last.waitMs, reply.waitMs) };
    if (!home || reply?.word !== 'TURN') return last;
    group.hybridClock.observe(reply.token);
    const claim = this.requests.renewed(this.claim);
    const result = await attempt(this.requests, claim, this.options.ttl, this.lease, { kind: 'turn' });
    if (result.kind !== 'granted') {
      abandon(this.requests, claim, result);
      this.requests.leave(home, key, this.claim, noInbox);
    }
    return result;
  }

  /** Whether less will do at first, a short lease or few votes: it is extended, and nothing is to be kept for longer. */
  private get mayBeBrief(): boolean {
    const { autoExtend, maxHold, minHold, mode } = this.options;
    return autoExtend && maxHold === 0 && minHold === 0 && mode === 'exclusive';
  }

  private waitFor(key: string, claim: Claim, first?: AttemptResult): Promise<AttemptResult> {
    return new Waiter(this.requests, key, claim, {
      ttl: this.options.ttl,
      lease: this.lease,
      mayBeHanded: this.mayBeBrief,
      deadline: this.startedAt + this.options.waitFor,
      pollInterval: this.module.pollInterval,
      signal: this.signal,
    }).wait(first);
  }

  /**
   * Several keys were not free all at once: take them one after the other, in the one order that all clients follow, so
   * that none waits in a circle; then confirm all together under one token.
   */
  private async waitForAll(first: AttemptResult): Promise<AttemptResult> {
    const parts: HeldLock[] = [];
    let whole: AttemptResult | undefined;
    try {
      for (const key of this.claim.keys) {
        const claim = this.requests.renewed({ ...this.claim, keys: [key] });
        const part = await this.waitFor(key, claim, first);
        if (part.kind !== 'granted') return indexed(part, this.claim.keys.indexOf(key));
        const keepAlive = { ...this.options, autoExtend: true, maxHold: 0 };
        parts.push(new HeldLock(this.requests, part.claim, keepAlive, part, this.module.ttlMax, this.listener));
      }
      whole = await this.confirmAll(
        first,
        parts.map(({ holder }) => holder),
      );
      return whole;
    } finally {
      const released = Promise.all(parts.map((part) => part.release()));
      // where the whole was granted it has taken their place: waiting would only use up its validity, or more (S11)
      if (whole?.kind !== 'granted') await released;
    }
  }

  private async confirmAll(first: AttemptResult, previous: readonly string[]): Promise<AttemptResult> {
    const { group } = this.requests;
    const deadline = this.startedAt + this.options.waitFor;
    const claim = this.requests.renewed(this.claim);
    let result = first;
    for (let delay = 1; group.now() < deadline && !this.signal.aborted; delay = Math.min(delay * 2, 100)) {
      result = await attempt(this.requests, claim, this.options.ttl, this.lease, { kind: 'turn', previous });
      if (result.kind !== 'refused') break;
      await pause(group.clock, delay, this.signal);
    }
    if (result !== first) abandon(this.requests, claim, result);
    return result;
  }

  private errorOf(result: Exclude<AttemptResult, { kind: 'granted' }>): LockUnavailableError | NoQuorumError {
    const { keys } = this.claim;
    const reports = this.requests.reports(result.fanOut);
    if (result.kind === 'no-quorum') {
      return this.requests.group.noQuorum(`lock ${keys.map((key) => `"${key}"`).join(', ')}`, reports);
    }
    const refused = result.refused.length > 0 ? result.refused.map((index) => keys[index]!) : keys;
    const waited = this.options.waitFor > 0 ? Math.round(this.requests.group.now() - this.startedAt) : 0;
    return new LockUnavailableError(keys, refused, Math.max(1, Math.ceil(result.waitMs)), reports, waited);
  }
}

/** The refusal of one of several keys, with the index it has among all. */
function indexed(result: AttemptResult, index: number): AttemptResult {
  return result.kind === 'refused' ? { ...result, refused: [index] } : result;
}
