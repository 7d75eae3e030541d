import { OutcomeUnknownError } from '../errors.js';
import type { FanOut } from '../quorum/fan-out.js';
import { pause } from '../runtime/pause.js';
import { AcceptListener, BallotRound, decideAtOnce, type AcceptOutcome, type OpenAccept } from './ballot-round.js';
import type { PromiseCache } from './promise-cache.js';
import {
  contentText,
  historyAfterOwn,
  historyBefore,
  historyMax,
  historyUs,
  isExpired,
  tombstoneMin,
  type Accepted,
  type Content,
} from './register.js';
import type { RegisterRequests } from './register-requests.js';

/** Longest delay between two tries against other writers, ms. */
const backoffMax = 64;
/** The same while the fate of a value of ours is open: it can be told only as long as the register remembers. */
const openBackoffMax = 2;

/** What a change makes of what it finds. */
export interface Decision<T> {
  /** Left out: leave the register as it is. */
  readonly write?: Content;
  readonly result: T;
}

/** What came of a change. */
export interface Changed<T> {
  readonly result: T;
  /** The version that stands in the register now; 0 when nothing ever did. */
  readonly version: number;
}

/** What all changes of one client share. */
export interface ChangeContext {
  readonly requests: RegisterRequests;
  readonly cache: PromiseCache;
  /** ms */
  readonly timeout: number;
}

/**
 * One change of one register: a ballot is promised by a quorum, the newest accepted value is changed, and a quorum
 * accepts the new one (CASPaxos; Rystsov 2018).
 *
 * @see docs/protocols/kv.md#change
 */
export class Change<T> {
  /** Ballots under which a value of ours was sent and may have been accepted, with the result each would have. */
  private readonly open = new Map<number, { readonly result: T; readonly accept: OpenAccept }>();
  /** Version of the value that the last of them was made of. */
  private openBase = -1;
  private readonly deadline: number;

  constructor(
    private readonly context: ChangeContext,
    private readonly key: string,
    /** May be called several times, each time with what is found; an expired value is found absent. */
    private readonly decide: (found: Accepted) => Decision<T> | Promise<Decision<T>>,
  ) {
    this.deadline = context.requests.group.now() + context.timeout;
  }

  /** @throws NoQuorumError; OutcomeUnknownError; what `decide` throws */
  async run(): Promise<Changed<T>> {
    const atOnce = await this.tryAtOnce();
    if (atOnce) return atOnce;
    const { group } = this.context.requests;
    for (let tries = 0; ; tries++) {
      const round = new BallotRound(this.context.requests, this.key, group.hybridClock.next());
      const verdict = await round.prepare.verdict;
      const changed = verdict === 'granted' ? await this.propose(round) : undefined;
      if (changed) return changed;
      const isOpen = this.isOpen();
      if (verdict === 'no-quorum' && !isOpen) throw this.noQuorum(round.prepare);
      if (group.now() >= this.deadline) throw isOpen ? this.unknown(round.prepare) : this.noQuorum(round.prepare);
      // the first refusal mostly tells of a clock that is behind, which is mended by now
      if (verdict === 'refused') this.learn(round.prepare);
      if (tries > 0 || verdict !== 'refused') {
        const max = isOpen ? openBackoffMax : backoffMax;
        await pause(group.clock, group.random.fraction() * Math.min(max, 2 ** Math.min(tries, 10)));
      }
    }
  }

  /** With the promises of this client's last write, when it has them: one round trip. */
  private async tryAtOnce(): Promise<Changed<T> | undefined> {
    const { cache, requests } = this.context;
    const promised = cache.take(this.key);
    if (!promised || this.isOver(promised.base)) return undefined;
    const { base, ballot } = promised;
    const decided = this.decideBy(base);
    const decision = decided instanceof Promise ? await decided : decided;
    // nothing to write: what was true at the last write may not be so now
    if (!decision?.write) return undefined;
    const { write, result } = decision;
    const next = requests.group.hybridClock.next();
    const made = madeBy(write, ballot, historyAfterOwn(base, ballot));
    const accepted = new AcceptListener(requests.group);
    const content = contentText(write, undefined, made.history);
    const toPromise = nextBallot(write, ballot, next);
    const outcome = await decideAtOnce(requests, this.key, promised, toPromise, content, accepted);
    if (outcome === 'accepted') return this.done(made, next, accepted, result);
    this.remember(outcome, ballot, result, base);
    return undefined;
  }

  /** Undefined when it throws: it is to be refused by what stands there now, not by what stood there. */
  private decideBy(base: Accepted): Decision<T> | undefined | Promise<Decision<T> | undefined> {
    try {
      const decision = this.decide(base);
      return decision instanceof Promise ? decision.catch(() => undefined) : decision;
    } catch {
      return undefined;
    }
  }

  /** Goes on from a quorum of promises. Undefined when it has to be tried again. */
  private async propose(round: BallotRound): Promise<Changed<T> | undefined> {
    const { accepted: base, isHeldByQuorum } = round.newest();
    const own = this.open.size === 0 ? undefined : await this.surelyIn(base);
    if (own === 'unknown') throw this.unknown(round.prepare);
    const isOver = this.isOver(base);
    const { write, result } = own
      ? { result: own.result, write: undefined }
      : await this.decide(isOver ? ended(base) : base);
    if (!write && isHeldByQuorum && (own || !isOver)) return { result, version: base.version };
    const { requests } = this.context;
    const { ballot } = round;
    // without a write of ours the value is passed on as it is, so that a quorum holds it; an expired one ends for all
    const content = write ?? (isOver && !own ? this.tombstone(base) : base);
    const isNew = content !== base;
    const made = isNew ? madeBy(content, ballot, historyBefore(base, ballot)) : { ...base, ballot };
    const next = requests.group.hybridClock.next();
    const accepted = new AcceptListener(requests.group);
    const outcome = await round.decide(
      base,
      nextBallot(content, ballot, next),
      contentText(content, isNew ? undefined : made.version, made.history),
      accepted,
    );
    if (outcome === 'accepted') return this.done(made, next, accepted, result);
    if (write) this.remember(outcome, ballot, result, base);
    return undefined;
  }

  /** Whether some value of ours may have been accepted. */
  private isOpen(): boolean {
    for (const [ballot, { accept }] of this.open) if (accept.isRefused()) this.open.delete(ballot);
    return this.open.size > 0;
  }

  /** As `fateIn`; what cannot be told yet is told by the members that have not answered. */
  private async surelyIn(base: Accepted): Promise<{ readonly result: T } | 'unknown' | undefined> {
    const own = this.fateIn(base);
    if (own !== 'unknown') return own;
    await Promise.all([...this.open.values()].map(({ accept }) => accept.complete));
    return this.fateIn(base);
  }

  /**
   * What became of values of ours whose accept had no clear end, by what is found now: undefined when there are none or
   * none was applied, so that it is safe to apply the change again.
   */
  private fateIn(base: Accepted): { readonly result: T } | 'unknown' | undefined {
    if (!this.isOpen()) return undefined;
    for (const [ballot, { result }] of this.open) {
      if (base.version === ballot || base.history.includes(ballot)) return { result };
    }
    if (base.version === this.openBase) return undefined;
    const oldest = Math.min(...this.open.keys());
    const isComplete = base.history.length < historyMax && base.version - oldest < historyUs;
    const reachesBack = base.history.length > 0 && base.history.at(-1)! < oldest;
    return isComplete || reachesBack ? undefined : 'unknown';
  }

  private remember(outcome: AcceptOutcome | undefined, ballot: number, result: T, base: Accepted): void {
    if (typeof outcome !== 'object') return;
    this.open.set(ballot, { result, accept: outcome });
    this.openBase = base.version;
  }

  private done(made: Accepted, next: number, { members }: AcceptListener, result: T): Changed<T> {
    if (made.value) this.context.cache.put(this.key, { ballot: next, base: made, members });
    return { result, version: made.version };
  }

  private isOver(base: Accepted): boolean {
    return isExpired(base, this.nowMs());
  }

  private tombstone({ token, due }: Accepted): Content {
    return { value: undefined, token, due: Math.max(due, this.nowMs()) + tombstoneMin };
  }

  private nowMs(): number {
    return Math.floor(this.context.requests.group.clock.wallUs() / 1000);
  }

  private learn(prepare: FanOut): void {
    const { group } = this.context.requests;
    const clocks: number[] = [];
    for (const answer of prepare.answers) {
      if (answer?.kind !== 'reply') continue;
      const reply = answer.reply as string;
      if (reply[0] === 'S') group.hybridClock.observe(Number(reply.slice(1)));
      if (reply[0] === 'C') clocks.push(Number(reply.slice(1)));
    }
    // only when a quorum says so: a single member's clock may be the wrong one
    if (clocks.length >= group.quorum) {
      group.hybridClock.correct(clocks.sort((a, b) => a - b)[Math.floor(clocks.length / 2)]!);
    }
  }

  private noQuorum(fanOut: FanOut): Error {
    const { requests } = this.context;
    return requests.group.noQuorum(`change of "${this.key}"`, requests.reports(fanOut));
  }

  private unknown(fanOut: FanOut): OutcomeUnknownError {
    return new OutcomeUnknownError(this.key, this.context.requests.reports(fanOut));
  }
}

/** What a change makes under its ballot. */
function madeBy(content: Content, ballot: number, history: readonly number[]): Accepted {
  const { value, due, token } = content;
  return { ballot, version: ballot, history, value, due, token };
}

/** An expired value, as a change finds it. */
function ended(base: Accepted): Accepted {
  return { ...base, value: undefined };
}

/** A tombstone may be removed only while nothing is promised above it. */
function nextBallot(content: Content, ballot: number, next: number): number {
  return content.value ? next : ballot;
}
