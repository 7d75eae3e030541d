import type { MemberReport } from '../errors.js';
import type { Member } from '../member/member.js';
import type { Answer, FanOut, Judge } from '../quorum/fan-out.js';
import type { Group } from '../quorum/group.js';
import type { LockMode } from './lock.js';
import { lockReports } from './lock-reports.js';
import {
  judgeAnswered,
  judgeExtend,
  judgeGrant,
  LockKeys,
  lockScripts,
  parseAsk,
  turnMs,
  type AskReply,
} from './lock-votes.js';

/** What one acquisition asks for; the same for all its requests. */
export interface Claim {
  /** Sorted, without repetitions. */
  readonly keys: readonly string[];
  /**
   * New whenever votes were given up: a release of earlier votes may be executed late, over an old connection even, and
   * must find nothing of a later attempt (lock.md, safeguard S15).
   */
  readonly holder: string;
  readonly mode: LockMode;
}

/** Where a request for a grant comes from: past a line of waiters, or with the turn that home gave. */
export type Approach =
  | { readonly kind: 'direct'; readonly lineMs: number }
  | {
      readonly kind: 'turn';
      /** Per key the holder under which the caller has it already: the parts of a lock of several keys. */
      readonly previous?: readonly string[];
    };

/** The lock protocol's requests to the members. */
export class LockRequests {
  private readonly scripts: ReturnType<typeof lockScripts>;
  private readonly keys: LockKeys;
  private readonly names: readonly string[];

  constructor(
    readonly group: Group,
    fenceRetention: number,
  ) {
    this.scripts = lockScripts(fenceRetention);
    group.votingScripts.push(this.scripts.votes.script, this.scripts.lineVotes.script);
    this.keys = new LockKeys(group.keys);
    this.names = group.members.map(({ name }) => name);
  }

  grant(claim: Claim, token: number, lease: number, approach: Approach): FanOut {
    const line = approach.kind === 'turn' ? 'turn' : approach.lineMs;
    const previous = (approach.kind === 'turn' && approach.previous?.join()) || '-';
    return this.lease('acquire', claim, `${token} ${lease} ${line} ${previous}`, judgeGrant);
  }

  extend(claim: Claim, token: number, lease: number): FanOut {
    return this.lease('extend', claim, `${token} ${lease}`, judgeExtend);
  }

  /**
   * To all members, also those that did not grant: a grant of theirs may still be on its way, and requests to one
   * member keep their order.
   *
   * @param isContended whether the line is looked at in the same step; else a member that knows of one is asked again
   * @param keep ms that it stays taken
   */
  release(claim: Claim, isContended: boolean, keep = 0): FanOut {
    const { keys, holder, mode } = claim;
    if (isContended || mode === 'shared') {
      const text = `release_all ${keys.length} ${holder} ${keep}`;
      return this.group.fanOut(this.scripts.lineVotes, this.keys.all(keys), [text], judgeAnswered);
    }
    const onReply = (member: Member, reply: unknown): void => {
      if (reply === 'LINED') this.wake(member, claim, keep);
    };
    const text = `release ${keys.length} ${holder} ${keep}`;
    return this.group.fanOut(this.scripts.votes, this.keys.records(keys), [text], judgeAnswered, onReply);
  }

  /** @param channel inbox to stand in line with; `-` to only ask */
  async ask(home: Member, key: string, { holder, mode }: Claim, channel: string): Promise<AskReply | undefined> {
    const text = `ask 1 ${holder} ${mode} ${channel} ${turnMs}`;
    return parseAsk(await this.group.ask(home, this.scripts.lineVotes, this.keys.all([key]), [text]));
  }

  leave(home: Member, key: string, { holder, mode }: Claim, channel: string): void {
    const text = `leave 1 ${holder} ${mode} ${channel}`;
    void this.group.ask(home, this.scripts.lineVotes, this.keys.all([key]), [text]);
  }

  inspect(key: string): FanOut {
    return this.group.fanOut(this.scripts.lineVotes, this.keys.all([key]), ['inspect 1'], judgeAnswered);
  }

  private lease(verb: string, { keys, holder, mode }: Claim, rest: string, judge: Judge): FanOut {
    if (mode === 'exclusive') {
      const text = `${verb} ${keys.length} ${holder} ${rest}`;
      return this.group.fanOut(this.scripts.votes, this.keys.records(keys), [text], judge);
    }
    const text = `${verb}_shared ${keys.length} ${holder} ${rest}`;
    return this.group.fanOut(this.scripts.lineVotes, this.keys.all(keys), [text], judge);
  }

  private wake(member: Member, { keys, holder }: Claim, keep: number): void {
    void this.group.ask(member, this.scripts.lineVotes, this.keys.all(keys), [
      `release_all ${keys.length} ${holder} ${keep}`,
    ]);
  }

  /** The same claim for votes that are not asked for yet. */
  renewed(claim: Claim): Claim {
    return { ...claim, holder: this.group.random.id() };
  }

  /** Resolves once everything sent before is answered or failed: requests to one member keep their order. */
  settled(): Promise<void> {
    return this.inspect('-').complete;
  }

  reports(answers: readonly (Answer | undefined)[]): MemberReport[] {
    return lockReports(this.names, answers);
  }
}
