import { NoQuorumError, type MemberReport } from '../../lib/errors.js';
import { ContendedKeys } from '../../lib/lock/contended-keys.js';
import type { NextInLine } from '../../lib/lock/hand-over.js';
import type { Approach, Claim, LockRequests } from '../../lib/lock/lock-requests.js';
import { lockReports } from '../../lib/lock/lock-reports.js';
import { judgeAnswered, judgeExtend, judgeGrant, type AskReply } from '../../lib/lock/lock-votes.js';
import { FanOut, type Judge } from '../../lib/quorum/fan-out.js';
import { HybridClock } from '../../lib/quorum/hybrid-clock.js';
import { quorumOf } from '../../lib/quorum/tally.js';
import { countingRandom } from './counting-random.js';
import { VirtualClock } from './virtual-clock.js';

const votingScript = { script: { name: 'fake', source: '', sha: '' }, header: [] };

/** One request to all members, which the test answers by hand. */
export class SentRequest {
  constructor(
    readonly verb: 'grant' | 'extend' | 'release' | 'hand over',
    readonly claim: Claim,
    /** What else went with it. */
    readonly terms: {
      token?: number;
      lease?: number;
      approach?: Approach;
      isContended?: boolean;
      keep?: number;
      to?: string;
    },
    readonly fanOut: FanOut,
  ) {}

  /** Members answer in the order of their index; `undefined` stands for one that is suspect. */
  answer(...replies: unknown[]): void {
    replies.forEach((reply, index) => {
      if (reply === undefined) this.fanOut.onFailure(index, 'suspect');
      else this.fanOut.onReply(index, reply);
    });
  }

  answerAll(reply: unknown): void {
    this.answer(...Array.from(this.fanOut.answers, () => reply));
  }
}

/** Lock requests to members that are played by the test, on virtual time. */
export class FakeLockRequests {
  readonly clock = new VirtualClock();
  readonly sent: SentRequest[] = [];
  readonly left: Claim[] = [];
  /** What home answers to the next questions; none when there is nothing left. */
  readonly homeSays: (AskReply | undefined)[] = [];
  readonly group;
  readonly contended = new ContendedKeys(this.clock);
  private readonly names: readonly string[];

  constructor(readonly groupSize = 3) {
    const { clock } = this;
    const quorum = quorumOf(groupSize);
    this.names = Array.from({ length: groupSize }, (_, index) => `redis-${index + 1}`);
    this.group = {
      clock,
      random: countingRandom(),
      hybridClock: new HybridClock(clock),
      groupSize,
      quorum,
      memberCount: groupSize,
      maxOperationTime: 2000,
      leaseMax: 60_000,
      now: () => clock.now(),
      chooseQuorum: () => undefined,
      lockHomesOf: () => [{ name: 'redis-1' }],
      noQuorum: (attempted: string, members: readonly MemberReport[]) =>
        new NoQuorumError(attempted, quorum, groupSize, members, 200),
    };
  }

  /** This, as the code under test takes it. */
  get requests(): LockRequests {
    return this as unknown as LockRequests;
  }

  renewed(claim: Claim): Claim {
    return { ...claim, holder: this.group.random.id() };
  }

  get last(): SentRequest {
    const request = this.sent.at(-1);
    if (!request) throw new Error('nothing was sent');
    return request;
  }

  sentOf(verb: SentRequest['verb']): SentRequest[] {
    return this.sent.filter((request) => request.verb === verb);
  }

  grant(claim: Claim, token: number, lease: number, approach: Approach): FanOut {
    return this.send('grant', claim, { token, lease, approach }, judgeGrant);
  }

  extend(claim: Claim, token: number, lease: number): FanOut {
    return this.send('extend', claim, { token, lease }, judgeExtend);
  }

  release(claim: Claim, isContended: boolean, keep = 0): FanOut {
    return this.send('release', claim, { isContended, keep }, judgeAnswered);
  }

  handOver(claim: Claim, next: NextInLine, token: number, lease: number): FanOut {
    return this.send('hand over', claim, { to: next.holder, token, lease }, judgeAnswered);
  }

  ask(): Promise<AskReply | undefined> {
    return Promise.resolve(this.homeSays.shift());
  }

  leave(_home: unknown, _key: string, claim: Claim): void {
    this.left.push(claim);
  }

  reports(fanOut: FanOut): MemberReport[] {
    return lockReports(this.names, fanOut);
  }

  private send(verb: SentRequest['verb'], claim: Claim, terms: SentRequest['terms'], judge: Judge): FanOut {
    const fanOut = new FanOut(this.group, votingScript, claim.keys, [], judge);
    this.sent.push(new SentRequest(verb, claim, terms, fanOut));
    return fanOut;
  }
}
