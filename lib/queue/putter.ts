import { NoQuorumError } from '../errors.js';
import { Coalescer } from './coalescer.js';
import type { ItemVerdict, ItemVotes } from './item-votes.js';
import type { MemberClock } from './member-clock.js';
import type { MessageIds } from './message-ids.js';
import type { QueueRequests } from './queue-requests.js';

/** How often a message that members found too old is put anew. */
const renewMax = 5;

interface PutItem {
  readonly id: string;
  readonly delay: number;
  readonly record: string;
  /** What the members are sent. */
  readonly text: string;
  settle(outcome: PutOutcome): void;
}

type PutOutcome = 'stored' | 'too-old' | NoQuorumError;

/** Puts messages of one queue: those that are put at about the same time travel together. */
export class Putter {
  private readonly coalescer: Coalescer<PutItem>;

  constructor(
    private readonly requests: QueueRequests,
    private readonly clock: MemberClock,
    private readonly ids: MessageIds,
  ) {
    this.coalescer = new Coalescer(requests.group.clock, ({ text }) => text.length, this.send);
  }

  /**
   * Puts a new message; resolves at a quorum.
   *
   * @returns the id under which it is safe
   * @throws NoQuorumError
   */
  async put(record: string, delay: number): Promise<string> {
    if (!this.clock.isTuned) await this.clock.learn(this.requests);
    for (let round = 0; ; round++) {
      const id = this.ids.next();
      if (await this.putUnder(id, record, delay)) return id;
      // it can be decided nowhere any more; where it was taken it must not appear beside its successor
      this.requests.tellAll(`E${id} `);
      if (round === renewMax) throw this.noQuorum();
    }
  }

  /** @returns false when a quorum finds the id too old for a new message. @throws NoQuorumError */
  async putUnder(id: string, record: string, delay: number): Promise<boolean> {
    const outcome = await new Promise<PutOutcome>((settle) => {
      const text = `${id} ${delay} ${Buffer.byteLength(record)} ${record}`;
      this.coalescer.add({ id, delay, record, text, settle });
    });
    if (outcome instanceof NoQuorumError) throw outcome;
    return outcome === 'stored';
  }

  /** @throws NoQuorumError when the members' time is not known and cannot be learnt */
  async newId(): Promise<string> {
    await this.clock.learn(this.requests);
    return this.ids.next();
  }

  private readonly send = (items: readonly PutItem[], onSettled: () => void): void => {
    const { name } = this.requests;
    let open = items.length;
    const votes = this.requests.vote(
      `P${Buffer.byteLength(name)} ${name}${items.map(({ text }) => text).join('')}`,
      items.length,
      {
        split: (reply) => String(reply).slice(0, items.length),
        // done is proof that it was put
        isGranted: (word) => word === 'A' || word === 'D',
        onReply: (member, words, reply) => this.learn(member, String(reply).slice(words.length + 1)),
        onDecided: (index, verdict, decided) => {
          items[index]!.settle(this.outcomeOf(verdict, decided, index));
          if (--open === 0) onSettled();
        },
      },
    );
    this.requests.sendToAll(votes);
  };

  private learn(member: number, said: string): void {
    const [time, putFloor] = said.split(' ');
    this.clock.note(member, Number(time));
    if (putFloor !== undefined) this.ids.raise(Number(putFloor));
  }

  private outcomeOf(verdict: ItemVerdict, votes: ItemVotes, item: number): PutOutcome {
    if (verdict === 'granted') return 'stored';
    if (verdict === 'refused') return 'too-old';
    return this.noQuorum(votes, item);
  }

  noQuorum(votes?: ItemVotes, item = 0): NoQuorumError {
    const { group, name } = this.requests;
    const reports = votes ? this.requests.reports(votes, item, words) : group.reports();
    return group.noQuorum(`put into queue "${name}"`, reports);
  }
}

const words = { A: 'stored', D: 'done', O: 'found it too old', C: 'refused an id over a day ahead' };
