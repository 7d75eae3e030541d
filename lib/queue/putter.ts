import { NoQuorumError } from '../errors.js';
import { Coalescer } from './coalescer.js';
import type { ItemVerdict, ItemVotes } from './item-votes.js';
import type { MemberClock } from './member-clock.js';
import type { MessageIds } from './message-ids.js';
import type { QueueRequests } from './queue-requests.js';

/** How often a message that members found too old is put anew. */
const renewMax = 5;

/** A message as members keep it. */
export interface MessageToStore {
  readonly record: string;
  /** ms */
  readonly delay: number;
}

/** Who is told what became of a new message: one for all that are put by one call. */
export interface PutListener {
  /** @param index of the message in the call @param id under which it is safe */
  onPut(index: number, id: string): void;
  onFailed(index: number, error: unknown): void;
}

interface PutItem {
  readonly id: string;
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

  /** Puts a new message. Without a promise of its own, which would cost as much as all else here. */
  put(message: MessageToStore, listener: PutListener, index: number): void {
    if (this.clock.isTuned) return this.coalescer.add(new NewMessage(this, message, listener, index, this.ids.next()));
    this.clock.learn(this.requests).then(
      () => this.put(message, listener, index),
      (error: unknown) => listener.onFailed(index, error),
    );
  }

  /** @returns false when a quorum finds the id too old for a new message. @throws NoQuorumError */
  async putUnder(id: string, record: string, delay: number): Promise<boolean> {
    const outcome = await new Promise<PutOutcome>((settle) => {
      this.coalescer.add({ id, text: putText(id, { record, delay }), settle });
    });
    if (outcome instanceof NoQuorumError) throw outcome;
    return outcome === 'stored';
  }

  /** @throws NoQuorumError when the members' time is not known and cannot be learnt */
  async newId(): Promise<string> {
    await this.clock.learn(this.requests);
    return this.ids.next();
  }

  /** Puts what was too old under a new id. @returns false when it was tried often enough */
  renew(message: NewMessage): boolean {
    // it can be decided nowhere any more; where it was taken it must not appear beside its successor
    this.requests.tellAll(`E${message.id} `);
    if (message.renewals === renewMax) return false;
    this.coalescer.add(message.under(this.ids.next()));
    return true;
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

/** A message under an id that nobody else puts it under: one that is too old gets another. */
class NewMessage implements PutItem {
  readonly text: string;

  constructor(
    private readonly putter: Putter,
    private readonly message: MessageToStore,
    private readonly listener: PutListener,
    private readonly index: number,
    readonly id: string,
    readonly renewals = 0,
  ) {
    this.text = putText(id, message);
  }

  under(id: string): NewMessage {
    const { putter, message, listener, index, renewals } = this;
    return new NewMessage(putter, message, listener, index, id, renewals + 1);
  }

  settle(outcome: PutOutcome): void {
    if (outcome === 'stored') this.listener.onPut(this.index, this.id);
    else if (outcome instanceof NoQuorumError) this.listener.onFailed(this.index, outcome);
    else if (!this.putter.renew(this)) this.listener.onFailed(this.index, this.putter.noQuorum());
  }
}

function putText(id: string, { record, delay }: MessageToStore): string {
  return `${id} ${delay} ${Buffer.byteLength(record)} ${record}`;
}

const words = { A: 'stored', D: 'done', O: 'found it too old', C: 'refused an id over a day ahead' };
