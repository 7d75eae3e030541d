import type { VoteArgument, VoteRequest, VoteSink, VotingScript } from '../member/vote-request.js';
import { Tally, type Verdict } from './tally.js';

/** How a protocol reads one reply: the member granted, refused, or could not vote (an error inside the script). */
export type Judge = (reply: unknown) => 'grant' | 'refuse' | 'fail';

/** What one member answered: its reply, or why there is none. */
export type Answer =
  { readonly kind: 'reply'; readonly reply: unknown } | { readonly kind: 'failure'; readonly said: string };

/** What a fan-out ends in. */
export type Decision = Exclude<Verdict, 'pending'>;

/** A member as far as it is asked. */
export interface Asked {
  submit(request: VoteRequest): void;
}

/** Who is told of each answer. */
export type FanOutListener = Partial<VoteSink>;

/** What the fan-out needs to know of its group. */
export interface FanOutContext {
  readonly groupSize: number;
  readonly quorum: number;
  /** Names by member index; members this client does not know count as failures from the start. */
  readonly memberCount: number;
  readonly maxOperationTime: number;
  now(): number;
}

/**
 * One request to all members at once, or to some of them first, decided at the earliest moment. Answers that come later
 * are kept for reports. A protocol takes a late grant back with a later request: requests of one script to one member
 * keep their order.
 */
export class FanOut implements VoteSink, VoteRequest {
  readonly answers: (Answer | undefined)[];
  private readonly tally: Tally;
  private settled: Decision | undefined;
  private onDecided: ((verdict: Decision) => void) | undefined;
  private missing: number;
  private onComplete: (() => void) | undefined;
  private completion: Promise<void> | undefined;
  /** Members that are asked if the first do not decide; and how many of these have not answered. */
  private rest: readonly Asked[] | undefined;
  private firstOut = 0;
  private lastReply: (Answer & { readonly kind: 'reply' }) | undefined;
  encoded: VoteRequest['encoded'];

  constructor(
    private readonly context: FanOutContext,
    readonly votingScript: VotingScript,
    readonly keys: readonly string[],
    readonly args: readonly VoteArgument[],
    private readonly judge: Judge,
    /** Told of each answer, also of those that come after the decision. */
    private readonly listener?: FanOutListener,
    /** `context.now()` when the first vote was asked for that counts together with these. */
    readonly startedAt: number = context.now(),
  ) {
    this.answers = new Array<Answer | undefined>(context.memberCount).fill(undefined);
    this.tally = new Tally(context.groupSize, context.quorum);
    this.missing = context.memberCount;
    const unknown = context.groupSize - context.memberCount;
    if (unknown > 0) this.settle(this.tally.fail(unknown));
  }

  /**
   * Asks these members.
   *
   * @param rest asked when the first have answered and that does not decide, or as soon as one of them is slow
   */
  ask(first: readonly Asked[], rest?: readonly Asked[]): this {
    this.rest = rest;
    this.firstOut = first.length;
    for (const member of first) member.submit(this);
    return this;
  }

  /** Whether all members were asked. */
  get hasAskedAll(): boolean {
    return this.rest === undefined;
  }

  get sink(): VoteSink {
    return this;
  }

  get verdict(): Promise<Decision> {
    return new Promise((resolve) => this.whenDecided(resolve));
  }

  /** As `verdict`, for what happens so often that a promise more counts. Calls back once; the callback must not throw. */
  whenDecided(callback: (verdict: Decision) => void): void {
    if (this.settled) return callback(this.settled);
    const earlier = this.onDecided;
    this.onDecided = earlier
      ? (verdict) => {
          earlier(verdict);
          callback(verdict);
        }
      : callback;
  }

  /** Resolves once every member has answered or failed: for views of the whole group, never for decisions. */
  get complete(): Promise<void> {
    this.completion ??= new Promise((resolve) => {
      this.onComplete = resolve;
      if (this.missing === 0) resolve();
    });
    return this.completion;
  }

  onReply(memberIndex: number, reply: unknown): void {
    const opinion = this.judge(reply);
    if (opinion === 'fail') return this.onFailure(memberIndex, Array.isArray(reply) ? String(reply[1]) : String(reply));
    // a vote from before this span may be of a member that forgot it since: quorum.md, safeguard S05
    if (this.context.now() - this.startedAt > this.context.maxOperationTime) {
      return this.onFailure(memberIndex, 'too late to be counted');
    }
    // mostly all say the same word
    if (!this.lastReply || this.lastReply.reply !== reply) this.lastReply = { kind: 'reply', reply };
    this.note(memberIndex, this.lastReply);
    this.listener?.onReply?.(memberIndex, reply);
    if (!this.settled) this.count(opinion === 'grant' ? this.tally.grant() : this.tally.refuse());
  }

  onFailure(memberIndex: number, said: string): void {
    this.note(memberIndex, { kind: 'failure', said });
    this.listener?.onFailure?.(memberIndex, said);
    if (!this.settled) this.count(this.tally.fail());
  }

  onSlow(): void {
    this.askRest();
  }

  private askRest(): void {
    const { rest } = this;
    if (!rest || this.settled) return;
    this.rest = undefined;
    for (const member of rest) member.submit(this);
  }

  private note(memberIndex: number, answer: Answer): void {
    this.answers[memberIndex] = answer;
    this.missing -= 1;
    if (this.missing === 0) this.onComplete?.();
  }

  private count(verdict: Verdict): void {
    this.settle(verdict);
    this.firstOut -= 1;
    if (this.firstOut === 0) this.askRest();
  }

  private settle(verdict: Verdict): void {
    if (verdict === 'pending') return;
    this.settled = verdict;
    this.onDecided?.(verdict);
    this.onDecided = undefined;
  }
}
