import { LeaseLostError, type MemberReport } from '../errors.js';
import { pause } from '../runtime/pause.js';
import { Coalescer } from './coalescer.js';
import { endOfRun } from './end-of-run.js';
import type { ItemVerdict, ItemVotes } from './item-votes.js';
import type { LeasedMessage, Leaser } from './leaser.js';
import type { QueueRequests } from './queue-requests.js';

/** ms before a settlement that met no quorum is asked for again, at first and at most. */
const retryMin = 50;
const retryMax = 1000;

type Verb = 'A' | 'N' | 'X';

interface SettleItem {
  readonly message: LeasedMessage;
  readonly text: string;
  /** It was asked for before: members may have done it without our knowing. */
  readonly isRepeated: boolean;
  done(verdict: ItemVerdict, reports: readonly MemberReport[]): void;
}

type GoOn = (verb: Verb, item: SettleItem, said: ItemVerdict, reported: readonly MemberReport[]) => Promise<void>;

/** Settles what this client holds of one queue: done, back, dead. What is settled at about the same time travels together. */
export class Settler {
  private readonly coalescers: Readonly<Record<Verb, Coalescer<SettleItem>>>;

  constructor(
    private readonly requests: QueueRequests,
    private readonly leaser: Pick<Leaser, 'extend'>,
  ) {
    const coalescer = (verb: Verb): Coalescer<SettleItem> =>
      new Coalescer(
        requests.group.clock,
        ({ text }) => text.length,
        (items, onSettled) => this.send(verb, items, onSettled),
      );
    this.coalescers = { A: coalescer('A'), N: coalescer('N'), X: coalescer('X') };
  }

  ack(message: LeasedMessage): Promise<void> {
    // what members are sent is written for all that travel together: see ackText()
    return this.settle('A', message, message.id);
  }

  /** @param isFree the attempt does not count */
  nack(message: LeasedMessage, delay: number, isFree: boolean): Promise<void> {
    return this.settle('N', message, `${message.id} ${message.holder} ${delay} ${isFree ? 1 : 0} `);
  }

  reject(message: LeasedMessage, reason: string): Promise<void> {
    const text = `${message.id} ${message.holder} ${Buffer.byteLength(reason)} ${reason}`;
    return this.settle('X', message, text);
  }

  private settle(verb: Verb, message: LeasedMessage, text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.coalescers[verb].add(new Settlement(message, text, resolve, reject, this.goOn, verb));
    });
  }

  /** After what was no success: tries as long as nobody else can have the message. @throws LeaseLostError; NoQuorumError */
  private readonly goOn: GoOn = async (verb, item, said, reported) => {
    const { group, name } = this.requests;
    const { message } = item;
    let [verdict, reports, hasExtended] = [said, reported, false];
    for (let delay = retryMin; verdict !== 'granted'; delay = Math.min(retryMax, delay * 2)) {
      const left = message.validUntil - group.now();
      if (verdict === 'refused') {
        if (hasExtended || left <= 0) throw new LeaseLostError(name, message.id, message.token, 'refused', reports);
        // members that were away when it was leased, or forgot, do not know of the lease: tell them
        await this.leaser.extend([message], Math.ceil(left));
        hasExtended = true;
      } else if (delay >= left) {
        throw group.noQuorum(`${verbs[verb]} of message ${message.id} of queue "${name}"`, reports);
      } else {
        await pause(group.clock, delay * (0.5 + group.random.fraction() / 2));
      }
      [verdict, reports] = await this.ask(verb, { message, text: item.text, isRepeated: true });
    }
  };

  private ask(verb: Verb, item: Omit<SettleItem, 'done'>): Promise<[ItemVerdict, readonly MemberReport[]]> {
    return new Promise((resolve) => {
      this.coalescers[verb].add({ ...item, done: (verdict, reports) => resolve([verdict, reports]) });
    });
  }

  private send(verb: Verb, items: readonly SettleItem[], onSettled: () => void): void {
    let open = items.length;
    const { group } = this.requests;
    const granted = items.map(() => false);
    const text = verb === 'A' ? ackText(items) : items.map((item) => item.text).join('');
    const votes = this.requests.vote(`${verb}${text}`, items.length, {
      split: (reply) => String(reply),
      isGranted: (word, item) => word === 'A' || (word === 'D' && this.mayBeOurs(items[item]!, verb)),
      onReply: (member, letters) => {
        if (verb === 'A' && letters.includes('R')) this.spreadTo(member, letters, items, granted);
      },
      onDecided: (index, verdict, decided) => {
        granted[index] = verdict === 'granted';
        if (granted[index] && verb === 'A') this.spread(items[index]!, index, decided);
        const reports = verdict === 'granted' ? [] : this.requests.reports(decided, index, words);
        items[index]!.done(verdict, reports);
        if (--open === 0) onSettled();
      },
    });
    for (const member of group.members) member.submit(votes);
  }

  /**
   * Within the lease nobody else can have settled it, so done is what an earlier request of ours did, whose answer was
   * lost.
   */
  private mayBeOurs({ isRepeated, message }: SettleItem, verb: Verb): boolean {
    return verb === 'A' && isRepeated && this.requests.group.now() < message.validUntil;
  }

  /** Members that answered before the decision and did not know of the lease. */
  private spread({ message }: SettleItem, index: number, votes: ItemVotes): void {
    for (const member of this.requests.group.members) {
      if (votes.wordOf(member.index, index) === 'R') this.requests.tell(member, `E${message.id} `);
    }
  }

  /** Members that answer after the decision and did not know of the lease. */
  private spreadTo(
    memberIndex: number,
    letters: readonly string[] | string,
    items: readonly SettleItem[],
    granted: readonly boolean[],
  ): void {
    const missed = items.filter((_, index) => granted[index] && letters[index] === 'R');
    if (missed.length === 0) return;
    const ids = missed.map(({ message }) => `${message.id} `).join('');
    this.requests.tell(this.requests.group.members[memberIndex]!, `E${ids}`);
  }
}

/** One that is asked for the first time. An object without closures: they cost more than all else here. */
class Settlement implements SettleItem {
  readonly isRepeated = false;

  constructor(
    readonly message: LeasedMessage,
    readonly text: string,
    private readonly resolve: () => void,
    private readonly reject: (error: unknown) => void,
    private readonly goOn: GoOn,
    private readonly verb: Verb,
  ) {}

  done(verdict: ItemVerdict, reports: readonly MemberReport[]): void {
    if (verdict === 'granted') this.resolve();
    else this.goOn(this.verb, this, verdict, reports).then(this.resolve, this.reject);
  }
}

/** Runs of messages with one holder, as most of those are that were leased together. */
function ackText(items: readonly SettleItem[]): string {
  const messages = items.map(({ message }) => message);
  const parts: string[] = [];
  for (let from = 0, to: number; from < messages.length; from = to) {
    to = endOfRun(messages, from, () => true);
    parts.push(`${messages[from]!.holder} ${to - from} `);
    for (let at = from; at < to; at++) parts.push(messages[at]!.id);
  }
  return parts.join('');
}

const verbs: Record<Verb, string> = { A: 'ack', N: 'nack', X: 'reject' };
const words = { A: 'accepted', R: 'has another holder', D: 'done' };
