import type { MemberReport } from '../errors.js';
import type { Member } from '../member/member.js';
import type { FanOut, FanOutListener, Judge } from '../quorum/fan-out.js';
import type { Group } from '../quorum/group.js';
import type { QuorumChoice } from '../quorum/preferred-quorum.js';
import { ContendedKeys } from './contended-keys.js';
import type { NextInLine } from './hand-over.js';
import type { LockMode } from './lock.js';
import { lockReports } from './lock-reports.js';
import {
  judgeAnswered,
  judgeExtend,
  judgeGrant,
  LockKeys,
  lockScripts,
  parseAsk,
  requestText,
  tokenText,
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
  readonly contended: ContendedKeys;

  constructor(
    readonly group: Group,
    fenceRetention: number,
  ) {
    this.scripts = lockScripts(fenceRetention);
    group.votingScripts.push(this.scripts.votes.script, this.scripts.lineVotes.script);
    this.keys = new LockKeys(group.keys);
    this.contended = new ContendedKeys(group.clock);
    this.names = group.members.map(({ name }) => name);
  }

  /** @param choice who is asked first; all when there is none */
  grant(claim: Claim, token: number, lease: number, approach: Approach, choice?: QuorumChoice<Member>): FanOut {
    const line = approach.kind === 'turn' ? 'turn' : approach.lineMs;
    const previous = (approach.kind === 'turn' && approach.previous?.join()) || '-';
    const { keys, holder, mode } = claim;
    const text = tokenText(token);
    if (mode === 'shared') return this.toLines(`acquire_shared ${text} ${lease} ${line} ${holder}`, keys, judgeGrant);
    const wanted = `acquire ${text} ${holder} ${lease} ${line} ${previous}`;
    return this.toRecords(wanted, keys, judgeGrant, undefined, choice);
  }

  extend(claim: Claim, token: number, lease: number): FanOut {
    const { keys, holder, mode } = claim;
    const wanted = `${tokenText(token)} ${lease} ${holder}`;
    if (mode === 'shared') return this.toLines(`extend_shared ${wanted}`, keys, judgeExtend);
    return this.toRecords(`extend ${wanted}`, keys, judgeExtend);
  }

  /**
   * To all members that were asked, also those that did not grant: a grant of theirs may still be on its way, and requests
   * to one member keep their order.
   *
   * @param isContended whether the line is looked at in the same step; else a member that knows of one is asked again
   * @param keep ms that it stays taken
   * @param asked the only members that were asked, if not all; the others are when these cannot be sure
   */
  release(claim: Claim, isContended: boolean, keep = 0, asked?: QuorumChoice<Member>): FanOut {
    const { keys, holder, mode } = claim;
    if (isContended || mode === 'shared') {
      return this.toLines(`release_all ${keep} ${holder}`, keys, judgeAnswered);
    }
    const listener: FanOutListener = {
      onReply: (index, reply) => {
        if (reply === 'LINED') this.wake(this.group.members[index]!, claim, keep);
      },
    };
    return this.toRecords(`release ${keep} ${holder}`, keys, judgeAnswered, listener, asked);
  }

  /** Lets go and votes for who stands first in line, in one step at each member; a plain release where that cannot be. */
  handOver({ keys, holder }: Claim, next: NextInLine, token: number, lease: number): FanOut {
    const text = `hand_over ${holder} ${next.holder} ${tokenText(token)} ${lease} ${next.channel}`;
    return this.toLines(text, keys, judgeAnswered);
  }

  /** @param channel inbox to stand in line with; `-` to only ask */
  async ask(home: Member, key: string, { holder, mode }: Claim, channel: string): Promise<AskReply | undefined> {
    return parseAsk(await this.askLine(home, `ask ${holder} ${mode} ${channel} ${turnMs}`, [key]));
  }

  leave(home: Member, key: string, { holder, mode }: Claim, channel: string): void {
    void this.askLine(home, `leave ${holder} ${mode} ${channel}`, [key]);
  }

  inspect(key: string): FanOut {
    return this.toLines('inspect', [key], judgeAnswered);
  }

  private toRecords(
    text: string,
    keys: readonly string[],
    judge: Judge,
    listener?: FanOutListener,
    choice?: QuorumChoice<Member>,
  ): FanOut {
    const args = [requestText(keys, text)];
    return this.group.fanOut(this.scripts.votes, this.keys.records(keys), args, judge, listener, choice);
  }

  private toLines(text: string, keys: readonly string[], judge: Judge): FanOut {
    return this.group.fanOut(this.scripts.lineVotes, this.keys.all(keys), [requestText(keys, text)], judge);
  }

  private askLine(member: Member, text: string, keys: readonly string[]): Promise<unknown> {
    return this.group.ask(member, this.scripts.lineVotes, this.keys.all(keys), [requestText(keys, text)]);
  }

  private wake(member: Member, { keys, holder }: Claim, keep: number): void {
    void this.askLine(member, `release_all ${keep} ${holder}`, keys);
  }

  /** The same claim for votes that are not asked for yet. */
  renewed(claim: Claim): Claim {
    return { ...claim, holder: this.group.random.id() };
  }

  /** Resolves once everything sent before is answered or failed: requests to one member keep their order. */
  settled(): Promise<void> {
    return this.inspect('-').complete;
  }

  reports(fanOut: FanOut): MemberReport[] {
    return lockReports(this.names, fanOut);
  }
}
