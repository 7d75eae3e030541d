import type { Member } from '../member/member.js';
import { pause } from '../runtime/pause.js';
import { abandon, attempt, type AttemptResult } from './attempt.js';
import { HandedVotes, handedLease, parseCall, type NextInLine } from './hand-over.js';
import type { Claim, LockRequests } from './lock-requests.js';
import { lineMs, turnMs } from './lock-votes.js';

/** ms a waiter rests at least between two looks, whatever home says. */
const restMin = 5;
/** ms a waiter lets its inbox take to be opened. */
const subscribeMax = 200;
/** ms that a quorum's hand-overs may come after the first one. */
const handedSpread = 10;

/** What a waiter needs to know besides its claim. */
export interface WaitTerms {
  readonly ttl: number;
  readonly lease: number;
  /** Whether a lock with a short lease will do, as its holder extends it. */
  readonly mayBeHanded: boolean;
  /** `clock.now()` at which it gives up. */
  readonly deadline: number;
  readonly pollInterval: number;
  readonly signal?: AbortSignal;
}

/**
 * Waits for one lock in line at its home member, in order of arrival, and takes it when its turn comes or when whoever
 * held it hands it over.
 *
 * @see docs/protocols/lock.md#waiting
 */
export class Waiter {
  private readonly channel: string;
  /** Members where it may stand in line or have the turn. */
  private readonly homes = new Set<Member>();
  private handed: HandedVotes | undefined;
  /** Whether a quorum should have handed it over by now. */
  private isOverdue = false;
  private turn: { readonly token: number; readonly next: NextInLine | undefined } | undefined;
  private onCall: (() => void) | undefined;
  private isTaken = false;

  constructor(
    private readonly requests: LockRequests,
    private readonly key: string,
    /** Its holder names this waiter in line, and the votes it is handed or asks for in its turn. */
    private claim: Claim,
    private readonly terms: WaitTerms,
  ) {
    this.channel = requests.group.keys.inbox(requests.group.clientId);
  }

  /**
   * @param last what the first attempt found, if there was one; given back when the wait ends in vain
   * @throws the signal's reason when it aborts
   */
  async wait(last?: AttemptResult): Promise<AttemptResult> {
    const { group } = this.requests;
    let result = last;
    try {
      while (group.now() < this.terms.deadline) {
        this.terms.signal?.throwIfAborted();
        const home = group.lockHomesOf(this.key)[0];
        if (!home || group.votingCount < group.quorum) return (result = await this.look());
        const step = await this.stand(home);
        if (step?.kind === 'granted' || step?.kind === 'no-quorum') return (result = step);
        result = step ?? result;
      }
      return (result ??= await this.look());
    } finally {
      this.depart(result?.kind === 'granted' && result.claim === this.claim);
    }
  }

  /** Stands in line at home until it is called or it is time to look again. Undefined when there is nothing new. */
  private async stand(home: Member): Promise<AttemptResult | undefined> {
    const { group } = this.requests;
    const inbox = group.inboxAt(home);
    this.listen();
    // without an inbox it stands in line all the same, and polls
    await Promise.race([inbox.ready(), pause(group.clock, Math.min(subscribeMax, this.left()), this.terms.signal)]);
    this.handed ??= new HandedVotes(group, group.now());
    this.homes.add(home);
    const reply = await this.requests.ask(home, this.key, this.claim, this.channel);
    if (reply?.word === 'TURN') return this.take(reply.token);
    await this.rest(reply ? reply.waitMs : 0);
    if (this.isCalled) return this.answer();
    if (this.terms.signal?.aborted || group.now() >= this.terms.deadline) return undefined;
    return this.look();
  }

  private get isCalled(): boolean {
    return this.turn !== undefined || this.isOverdue || this.handed?.grant() !== undefined;
  }

  /** What was handed over is the lock when a quorum did; else these votes are kept, and the others are asked for theirs. */
  private answer(): Promise<AttemptResult> | AttemptResult {
    const grant = this.terms.mayBeHanded ? this.handed?.grant() : undefined;
    if (!grant) return this.take(this.turn?.token ?? this.handed!.token!, this.turn?.next);
    this.requests.group.hybridClock.observe(grant.token);
    return { ...grant, kind: 'granted', claim: this.claim, isContended: true };
  }

  /** Asks all members past the line: shows newcomers that somebody waits, and finds a lock that nobody holds any more. */
  private async look(): Promise<AttemptResult> {
    const { ttl, lease } = this.terms;
    const claim = this.requests.renewed(this.claim);
    const result = await attempt(this.requests, claim, ttl, lease, { kind: 'direct', lineMs });
    abandon(this.requests, claim, result);
    return result;
  }

  /**
   * Asks all members when called. The last holder's release may still be on its way to some of them, so votes are kept
   * and the rest is asked again while the turn lasts.
   */
  private async take(token: number, next?: NextInLine): Promise<AttemptResult> {
    const { group } = this.requests;
    group.hybridClock.observe(token);
    const { ttl, lease } = this.terms;
    const { claim } = this;
    const end = group.now() + turnMs / 2;
    for (let delay = 1; ; delay *= 2) {
      const result = await attempt(this.requests, claim, ttl, lease, { kind: 'turn' });
      if (result.kind === 'granted') return { ...result, behind: { next } };
      const isOver = group.now() + delay > end || this.terms.signal?.aborted;
      if (result.kind === 'no-quorum' || isOver) {
        abandon(this.requests, claim, result);
        this.standAnew();
        return result;
      }
      await pause(group.clock, delay * (0.5 + group.random.fraction()), this.terms.signal);
    }
  }

  /** Votes under this name were given up: a release of them may be executed late, and must find nothing of a later try (S15). */
  private standAnew(): void {
    this.depart(false);
    this.homes.clear();
    this.claim = this.requests.renewed(this.claim);
    this.handed = undefined;
    this.turn = undefined;
    this.isOverdue = false;
  }

  private async rest(waitMs: number): Promise<void> {
    const { group } = this.requests;
    const { signal } = this.terms;
    if (this.isCalled || signal?.aborted) return;
    const delay = Math.min(Math.max(waitMs, restMin), this.terms.pollInterval, this.left());
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    this.onCall = wake;
    signal?.addEventListener('abort', wake, { once: true });
    await pause(group.clock, delay, woken.signal);
    signal?.removeEventListener('abort', wake);
    this.onCall = undefined;
  }

  private left(): number {
    return Math.max(0, this.terms.deadline - this.requests.group.now());
  }

  private listen(): void {
    const { group } = this.requests;
    for (const member of group.members) {
      const inbox = group.inboxAt(member);
      inbox.listen(this.claim.holder, (text) => this.hear(member, text));
      // each member tells of its own vote
      if (this.terms.mayBeHanded) void inbox.ready();
    }
  }

  private hear(member: Member, text: string): void {
    const { group } = this.requests;
    const call = parseCall(text, group.now());
    if (call?.word === 'turn') this.turn = call;
    else if (call && this.handed) {
      const { handed } = this;
      if (handed.token === undefined) group.clock.schedule(handedSpread, () => this.onSpread(handed), true);
      handed.note(member, call);
    }
    if (this.isCalled) this.onCall?.();
  }

  /** All members should have told by now. */
  private onSpread(handed: HandedVotes): void {
    if (this.handed !== handed) return;
    if (this.isTaken) return this.unlisten();
    this.isOverdue = true;
    this.onCall?.();
  }

  private unlisten(): void {
    const { group } = this.requests;
    for (const member of group.members) group.inboxAt(member).unlisten(this.claim.holder);
  }

  /** @param isTaken whether it has the lock under the name it stood in line with */
  private depart(isTaken: boolean): void {
    const { requests, claim, handed } = this;
    const { group } = requests;
    this.isTaken = isTaken;
    // home may be the last to tell, and only home knows who stands behind
    if (isTaken && handed?.token !== undefined && !this.isOverdue) return;
    if (isTaken || this.homes.size === 0) return this.unlisten();
    for (const home of this.homes) requests.leave(home, this.key, claim, this.channel);
    if (handed?.token !== undefined) requests.release(claim, true);
    // whoever holds it may not know yet that this waiter has gone
    const inboxes = group.members.map((member) => group.inboxAt(member));
    for (const inbox of inboxes) inbox.listen(claim.holder, () => void requests.release(claim, true));
    group.clock.schedule(handedLease, () => inboxes.forEach((inbox) => inbox.unlisten(claim.holder)), true);
  }
}
