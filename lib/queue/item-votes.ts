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
  private readonly tallies: Tally[] = [];
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
    for (let item = 0; item < itemCount; item++) {
      const tally = new Tally(context.groupSize, context.quorum);
      if (context.groupSize > context.memberCount) tally.fail(context.groupSize - context.memberCount);
      this.tallies.push(tally);
    }
  }

  get sink(): VoteSink {
    return this;
  }

  /** Counts a vote that was given otherwise, as home's for what it proposed itself. */
  grantAll(memberIndex: number): void {
    this.said[memberIndex] = { words: [] };
    for (let item = 0; item < this.itemCount; item++) this.settle(item, this.tallies[item]!.grant());
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
    for (let item = 0; item < this.itemCount; item++) {
      if (this.isDecided[item]) continue;
      const tally = this.tallies[item]!;
      this.settle(item, this.reader.isGranted(words[item]!, item) ? tally.grant() : tally.refuse());
    }
  }

  onFailure(memberIndex: number, said: string): void {
    this.said[memberIndex] = { failure: said };
    for (let item = 0; item < this.itemCount; item++) {
      if (!this.isDecided[item]) this.settle(item, this.tallies[item]!.fail());
    }
  }

  private settle(item: number, verdict: Verdict): void {
    if (verdict === 'pending') return;
    this.isDecided[item] = true;
    this.reader.onDecided(item, verdict, this);
  }
}
