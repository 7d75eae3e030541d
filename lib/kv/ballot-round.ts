import type { FanOut } from '../quorum/fan-out.js';
import type { Group } from '../quorum/group.js';
import type { Promised } from './promise-cache.js';
import { nothing, parseAccepted, type Accepted } from './register.js';
import type { PhaseListener, RegisterRequests } from './register-requests.js';

/** An accept that some member may have taken, or may take still. */
export interface OpenAccept {
  /** Whether all members that were asked have refused it by now; then it is asked of no other, and never takes effect. */
  isRefused(): boolean;
  /** Resolves once every member has answered or failed. */
  readonly complete: Promise<void>;
}

/** How an accept ended. */
export type AcceptOutcome = 'accepted' | 'failed' | OpenAccept;

/**
 * One ballot on one register: promises first, then the accept, sent to and counted from only the members whose promise
 * was counted. A promise that comes late joins when its value is not newer than the base that was used.
 *
 * @see docs/protocols/kv.md#change
 */
export class BallotRound {
  readonly prepare: FanOut;
  /** By member index; undefined before the answer, null when there is no promise. */
  private readonly promises: (Accepted | null | undefined)[];
  private accept: FanOut | undefined;
  private base: Accepted = nothing;
  private readonly asked: number[] = [];
  private isRefused = false;

  constructor(
    private readonly requests: RegisterRequests,
    private readonly key: string,
    readonly ballot: number,
  ) {
    this.promises = new Array<undefined>(requests.group.memberCount).fill(undefined);
    this.prepare = requests.prepare(key, ballot, {
      onReply: (index, reply) => this.onPromise(index, reply[0] === 'P' ? parseAccepted(reply.slice(1)) : null),
      onFailure: (index) => this.onPromise(index, null),
    });
  }

  /** The newest that the promising members have accepted. */
  newest(): { readonly accepted: Accepted; readonly isHeldByQuorum: boolean } {
    let accepted = nothing;
    let holders = 0;
    for (const promise of this.promises) {
      if (!promise || promise.ballot < accepted.ballot) continue;
      holders = promise.ballot > accepted.ballot ? 1 : holders + 1;
      if (promise.ballot > accepted.ballot) accepted = promise;
    }
    return { accepted, isHeldByQuorum: holders >= this.requests.group.quorum };
  }

  /** Asks the members that promised to accept; others when they promise later. */
  async decide(base: Accepted, next: number, content: string, accepted: AcceptListener): Promise<AcceptOutcome> {
    this.base = base;
    this.accept = this.requests.accept(this.key, this.ballot, next, content, this.prepare.startedAt, accepted);
    this.promises.forEach((promise, index) => {
      if (promise !== undefined) this.pass(index, promise);
    });
    return outcomeOf(this.accept, this.asked, () => {
      this.isRefused = true;
    });
  }

  private onPromise(index: number, promise: Accepted | null): void {
    this.promises[index] = promise;
    if (this.accept) this.pass(index, promise);
  }

  private pass(index: number, promise: Accepted | null): void {
    // the change goes on from a refusal as from one that was never made, so none may be made later: S29
    if (promise && !this.isRefused && promise.ballot <= this.base.ballot) {
      this.asked.push(index);
      this.requests.group.members[index]!.submit(this.accept!);
    } else {
      this.accept!.onFailure(index, 'gave no promise');
    }
  }
}

/** One accept under a promise that came with this client's last write. Undefined when too few members are left of it. */
export function decideAtOnce(
  requests: RegisterRequests,
  key: string,
  promised: Pick<Promised, 'ballot' | 'members'>,
  next: number,
  content: string,
  accepted: AcceptListener,
): Promise<AcceptOutcome> | undefined {
  const { group } = requests;
  const asked: number[] = [];
  for (const { index, state, incarnation } of group.members) {
    if (state === 'voting' && promised.members[index] === incarnation) asked.push(index);
  }
  if (asked.length < group.quorum) return undefined;
  const accept = requests.accept(key, promised.ballot, next, content, group.now(), accepted);
  for (const member of group.members) {
    if (asked.includes(member.index)) member.submit(accept);
    else accept.onFailure(member.index, 'gave no promise');
  }
  return outcomeOf(accept, asked);
}

/** Notes who accepted: it has promised the next ballot. Members that answer late join. */
export class AcceptListener implements PhaseListener {
  /** By member index the `run_id` of the life in which it accepted. */
  readonly members: (string | undefined)[] = [];

  constructor(private readonly group: Group) {}

  onReply(memberIndex: number, reply: string): void {
    if (reply === 'A') this.members[memberIndex] = this.group.members[memberIndex]!.incarnation;
  }

  onFailure(): void {
    // it has promised nothing
  }
}

async function outcomeOf(
  accept: FanOut,
  asked: readonly number[],
  onRefused: () => void = () => undefined,
): Promise<AcceptOutcome> {
  if ((await accept.verdict) === 'granted') return 'accepted';
  const isRefused = (): boolean => {
    // a member that refused never accepts under this ballot; of all others it is not known
    const isByAll = asked.every((index) => {
      const answer = accept.answers[index];
      return answer?.kind === 'reply' && answer.reply !== 'A';
    });
    if (isByAll) onRefused();
    return isByAll;
  };
  return isRefused() ? 'failed' : { isRefused, complete: accept.complete };
}
