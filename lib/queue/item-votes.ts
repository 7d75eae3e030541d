import type { VoteRequest, VoteSink, VotingScript } from '../member/vote-request.js';
import type { FanOutContext } from '../quorum/fan-out.js';
import { Tally, type Verdict } from '../quorum/tally.js';

export type ItemVerdict = Exclude<Verdict, 'pending'>;

/** How the members' answers to one of many items that travel together are read, and who is told. */
export interface ItemReader {
  /** The members' words about each item, from one reply. */
  split(reply: unknown): readonly string[] | string;
  /** @param word never empty */
  isGranted(word: string, item: number): boolean;
  onDecided(item: number, verdict: ItemVerdict, votes: ItemVotes): void;
  /** Told of each reply, also of those after the decision. */
  onReply?(memberIndex: number, words: readonly string[] | string, reply: unknown): void;
}

/**
 * One request about many items to several members; each item is decided on its own, at its earliest moment. The quorum
 * rule is the same as for a request that travels alone (docs/protocols/quorum.md#deciding).
 */
export class ItemVotes implements VoteRequest, VoteSink {
  /** What each member said, by member index: words per item, or why there are none. */
  readonly said: ({ readonly words: readonly string[] | string } | { readonly failure: string } | undefined)[];
  /** One for all items while each member said the same of all of them, as most do; then one each. */
  private shared: Tally | undefined;
  private tallies: readonly Tally[] = [];
  /** What was counted for all items alike. */
  private readonly counted: ('grant' | 'refuse' | 'fail')[] = [];
  private readonly isDecided: boolean[];

  constructor(
    private readonly context: FanOutContext,
    readonly votingScript: VotingScript,
    readonly keys: readonly string[],
    readonly args: readonly string[],
    private readonly itemCount: number,
    private readonly reader: ItemReader,
    /** `context.now()` when the first vote was asked for that counts together with these. */
    readonly startedAt: number = context.now(),
    readonly weight?: number,
  ) {
    this.said = new Array<undefined>(context.memberCount).fill(undefined);
    this.isDecided = new Array<boolean>(itemCount).fill(false);
    this.shared = this.newTally();
  }

  get sink(): VoteSink {
    return this;
  }

  /** Counts a vote that was given otherwise, as home's for what it proposed itself. */
  grantAll(memberIndex: number): void {
    this.said[memberIndex] = { words: [] };
    this.countAll('grant');
  }

  /** What a member said of an item; undefined when it did not. */
  wordOf(memberIndex: number, item: number): string | undefined {
    const said = this.said[memberIndex];
    return said && 'words' in said ? said.words[item] : undefined;
  }

  onReply(memberIndex: number, reply: unknown): void {
    const isText = typeof reply === 'string';
    if (!isText && (!Array.isArray(reply) || reply[0] === 'FAILED')) {
      return this.onFailure(memberIndex, Array.isArray(reply) ? String(reply[1]) : String(reply));
    }
    const words = this.reader.split(reply);
    if (words.length !== this.itemCount) return this.onFailure(memberIndex, 'an unreadable reply');
    // a vote from before this span may be of a member that forgot it since: quorum.md, safeguard S05
    if (this.context.now() - this.startedAt > this.context.maxOperationTime) {
      return this.onFailure(memberIndex, 'too late to be counted');
    }
    this.said[memberIndex] = { words };
    this.reader.onReply?.(memberIndex, words, reply);
    this.count(words);
  }

  onFailure(memberIndex: number, said: string): void {
    this.said[memberIndex] = { failure: said };
    this.countAll('fail');
  }

  private count(words: readonly string[] | string): void {
    let granted = 0;
    for (let item = 0; item < this.itemCount; item++) if (this.reader.isGranted(words[item]!, item)) granted += 1;
    if (granted === this.itemCount) return this.countAll('grant');
    if (granted === 0) return this.countAll('refuse');
    this.part();
    for (let item = 0; item < this.itemCount; item++) {
      if (this.isDecided[item]) continue;
      const tally = this.tallies[item]!;
      this.settle(item, this.reader.isGranted(words[item]!, item) ? tally.grant() : tally.refuse());
    }
  }

  private countAll(opinion: 'grant' | 'refuse' | 'fail'): void {
    if (this.shared) {
      this.counted.push(opinion);
      const verdict = this.shared[opinion]();
      if (verdict !== 'pending') for (let item = 0; item < this.itemCount; item++) this.settle(item, verdict);
      return;
    }
    for (let item = 0; item < this.itemCount; item++) {
      if (!this.isDecided[item]) this.settle(item, this.tallies[item]![opinion]());
    }
  }

  /** From now on each item is counted on its own. */
  private part(): void {
    if (!this.shared) return;
    this.shared = undefined;
    this.tallies = Array.from({ length: this.itemCount }, () => {
      const tally = this.newTally();
      for (const opinion of this.counted) tally[opinion]();
      return tally;
    });
  }

  private newTally(): Tally {
    const { groupSize, memberCount, quorum } = this.context;
    const tally = new Tally(groupSize, quorum);
    if (groupSize > memberCount) tally.fail(groupSize - memberCount);
    return tally;
  }

  private settle(item: number, verdict: Verdict): void {
    if (verdict === 'pending' || this.isDecided[item]) return;
    this.isDecided[item] = true;
    this.reader.onDecided(item, verdict, this);
  }
}
