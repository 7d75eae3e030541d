import type { Member } from '../member/member.js';
import { pause } from '../runtime/pause.js';
import { abandon, attempt, type AttemptResult } from './attempt.js';
import type { Claim, LockRequests } from './lock-requests.js';
import { lineMs, turnMs } from './lock-votes.js';

/** ms a waiter rests at least between two looks, whatever home says. */
const restMin = 5;
/** ms a waiter lets its inbox take to be opened. */
const subscribeMax = 200;

/** What a waiter needs to know besides its claim. */
export interface WaitTerms {
  readonly ttl: number;
  readonly lease: number;
  /** `clock.now()` at which it gives up. */
  readonly deadline: number;
  readonly pollInterval: number;
  readonly signal?: AbortSignal;
}

/**
 * Waits for one lock in line at its home member, in order of arrival, and takes it when its turn comes.
 *
 * @see docs/protocols/lock.md#waiting
 */
export class Waiter {
  private readonly channel: string;
  /** Members where it may stand in line or have the turn. */
  private readonly homes = new Set<Member>();
  private turn: { readonly token: number } | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly requests: LockRequests,
    private readonly key: string,
    /** Its holder names this waiter in line; votes are asked for under names of their own. */
    private readonly claim: Claim,
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
        const home = group.homesOf(this.key)[0];
        if (!home || group.votingCount < group.quorum) return await this.look();
        const step = await this.stand(home);
        if (step?.kind === 'granted' || step?.kind === 'no-quorum') return step;
        result = step ?? result;
      }
      return result ?? (await this.look());
    } finally {
      this.stopListening();
      for (const home of this.homes) this.requests.leave(home, this.key, this.claim, this.channel);
    }
  }

  /** Stands in line at home until the turn comes or it is time to look again. Undefined when there is nothing new. */
  private async stand(home: Member): Promise<AttemptResult | undefined> {
    const { group } = this.requests;
    const inbox = group.inboxAt(home);
    inbox.listen(this.claim.holder, this.onMessage);
    // without an inbox it stands in line all the same, and polls
    await Promise.race([inbox.ready(), pause(group.clock, Math.min(subscribeMax, this.left()), this.terms.signal)]);
    this.homes.add(home);
    const reply = await this.requests.ask(home, this.key, this.claim, this.channel);
    if (reply?.word === 'TURN') {
      return this.takeTurn(home, reply.token);
    }
    await this.rest(reply ? reply.waitMs : 0);
    if (this.turn) {
      const { token } = this.turn;
      this.turn = undefined;
      return this.takeTurn(home, token);
    }
    if (this.terms.signal?.aborted || group.now() >= this.terms.deadline) return undefined;
    return this.look();
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
   * Asks all members with the turn. The last holder's release may still be on its way to some of them, so votes are
   * kept and the rest is asked again while the turn lasts.
   */
  private async takeTurn(home: Member, token: number): Promise<AttemptResult> {
    const { group } = this.requests;
    group.hybridClock.observe(token);
    const { ttl, lease } = this.terms;
    const claim = this.requests.renewed(this.claim);
    const end = group.now() + turnMs / 2;
    for (let delay = 1; ; delay *= 2) {
      const result = await attempt(this.requests, claim, ttl, lease, { kind: 'turn' });
      if (result.kind === 'granted') {
        // the turn went with the grant
        this.homes.delete(home);
        return result;
      }
      const isOver = group.now() + delay > end || this.terms.signal?.aborted;
      if (result.kind === 'no-quorum' || isOver) {
        abandon(this.requests, claim, result);
        return result;
      }
      await pause(group.clock, delay * (0.5 + group.random.fraction()), this.terms.signal);
    }
  }

  private async rest(waitMs: number): Promise<void> {
    const { group } = this.requests;
    const delay = Math.min(Math.max(waitMs, restMin), this.terms.pollInterval, this.left());
    const woken = new AbortController();
    this.wake = () => woken.abort();
    const { signal } = this.terms;
    signal?.addEventListener('abort', this.wake, { once: true });
    if (!this.turn && !signal?.aborted) await pause(group.clock, delay, woken.signal);
    signal?.removeEventListener('abort', this.wake);
    this.wake = undefined;
  }

  private left(): number {
    return Math.max(0, this.terms.deadline - this.requests.group.now());
  }

  private readonly onMessage = (text: string): void => {
    const [word, token] = text.split(' ');
    if (word !== 'turn') return;
    this.turn = { token: Number(token) };
    this.wake?.();
  };

  private stopListening(): void {
    for (const home of this.requests.group.members) this.requests.group.inboxAt(home).unlisten(this.claim.holder);
  }
}
