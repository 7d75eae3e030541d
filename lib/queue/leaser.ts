import { validityOf } from '../quorum/validity.js';
import type { Member } from '../member/member.js';
import { Coalescer } from './coalescer.js';
import { endOfRun } from './end-of-run.js';
import type { ItemVerdict, ItemVotes } from './item-votes.js';
import type { MemberTime } from './member-time.js';
import { idLength } from './message-ids.js';
import { groupOfRecord } from './message-record.js';
import type { QueueRequests } from './queue-requests.js';

/** ms a message rests at home that others refused, at least and at most, before it is proposed again. */
const restMin = 20;
const restMax = 5000;

/** A message that a quorum leased to this client. */
export interface LeasedMessage {
  readonly id: string;
  token: number;
  /** How often it was leased, as members count it: see `attemptOf()`. */
  counted: number;
  readonly record: string;
  readonly group: string;
  /** Random per round: no other delivery ever has it together with this id. */
  readonly holder: string;
  /** `clock.now()` until which nobody else can have it. */
  validUntil: number;
  /** `clock.now()` when the members were asked. */
  askedAt: number;
  /** ms for which it is leased, where that is not as long as its consumer wants it. */
  shortLease?: number | undefined;
}

/** By what a member knows an idle consumer: its own time (ms) when it came to know it, and `group.now()` when it was asked. */
export interface Listening {
  readonly memberMs: string;
  readonly sentAt: number;
}

export interface LeaseRound {
  readonly leased: readonly LeasedMessage[];
  /** ms until something may change at home by itself; Infinity when nothing is known, 0 when messages are left. */
  readonly waitMs: number;
  /** Since when home knows of the waker. */
  readonly listening?: Listening | undefined;
}

/** Who is to be woken when there is nothing, as `Stand.who`. */
export type Waker = string | undefined;

/**
 * Leases messages: home proposes the first ones that are ready, a quorum confirms.
 *
 * @see docs/protocols/queue.md#leasing
 */
export class Leaser {
  private readonly aftermath: Readonly<Record<'D' | 'N' | 'X', Coalescer<string>>>;

  constructor(
    private readonly requests: QueueRequests,
    private readonly time: MemberTime,
  ) {
    const { clock } = requests.group;
    const gather = (verb: string): Coalescer<string> =>
      new Coalescer(
        clock,
        (text) => text.length,
        (texts, onSettled) => {
          requests.tellAll(`${verb}${texts.join('')}`);
          onSettled();
        },
      );
    this.aftermath = { D: gather('D'), N: gather('N'), X: gather('X') };
  }

  /**
   * One round.
   *
   * @param waker not given: nobody is woken
   * @throws NoQuorumError when the members' time is not known and cannot be learnt
   */
  async lease(count: number, lease: number, home: Member, waker: Waker): Promise<LeaseRound> {
    const { group } = this.requests;
    const { clock, tokens } = this.time;
    if (!clock.isTuned) await clock.learn(this.requests);
    const holder = group.random.id();
    const token = tokens.next();
    const askedAt = group.now();
    const text = `L${holder} ${String(token).padStart(16, '0')} ${lease} ${count} ${waker ?? '-'}`;
    const reply = await this.requests.ask(home, text);
    if (!Array.isArray(reply)) return { leased: [], waitMs: restMin };
    const words = reply as string[];
    if (words.length === 1) {
      const [waitMs = '', memberMs = ''] = words[0]!.split(' ');
      return { leased: [], waitMs: waitOf(waitMs), listening: waker ? { memberMs, sentAt: askedAt } : undefined };
    }
    const items = this.readProposals(words, holder, askedAt, askedAt + validityOf(lease));
    return { leased: await this.confirm(items, lease, home, askedAt), waitMs: 0 };
  }

  /** A message that too few members handed out: all of them are asked for it, as its holder those that did. */
  leaseHanded(message: LeasedMessage): Promise<LeasedMessage[]> {
    const askedAt = this.requests.group.now();
    const lease = message.shortLease!;
    this.time.tokens.observe(message.token);
    // a short one again: who must not have it would keep it from others for all of it
    const item = { ...message, askedAt, validUntil: askedAt + validityOf(lease) };
    return this.confirm([item], lease, undefined, askedAt);
  }

  /** @param words runs as `lease.lua` writes them, then the records in that order */
  private readProposals(
    words: readonly string[],
    holder: string,
    askedAt: number,
    validUntil: number,
  ): LeasedMessage[] {
    const runs = words[0]!;
    const items: LeasedMessage[] = [];
    for (let at = 0; at < runs.length;) {
      const [token, counted, count] = [0, 1, 2].map(() => {
        const end = runs.indexOf(' ', at);
        const value = Number(runs.slice(at, end));
        at = end + 1;
        return value;
      }) as [number, number, number];
      this.time.tokens.observe(token);
      for (let message = 0; message < count; message++, at += idLength) {
        const record = words[items.length + 1]!;
        const id = runs.slice(at, at + idLength);
        items.push({ id, token, counted, record, group: groupOfRecord(record), holder, validUntil, askedAt });
      }
    }
    return items;
  }

  /**
   * Extends leases, in one request for all.
   *
   * @returns which were extended by a quorum
   */
  async extend(items: readonly LeasedMessage[], lease: number): Promise<boolean[]> {
    const extended = items.map(() => false);
    let open = items.length;
    await new Promise<void>((resolve) => {
      const votes = this.requests.vote(this.confirmText(items, lease), items.length, {
        split: (reply) => wordsOf(String(reply), items.length),
        isGranted,
        onReply: (member, words) => {
          if (!isPlain(words)) this.healMissing(member, words, items);
        },
        onDecided: (item, verdict) => {
          extended[item] = verdict === 'granted';
          if (--open === 0) resolve();
        },
      });
      this.requests.sendToAll(votes);
    });
    return extended;
  }

  /** @param home who proposed them, so that its vote is given; undefined: nobody's is */
  private confirm(
    items: LeasedMessage[],
    lease: number,
    home: Member | undefined,
    askedAt: number,
  ): Promise<LeasedMessage[]> {
    const { group } = this.requests;
    const leased: LeasedMessage[] = [];
    let open = items.length;
    let isAllPlain = true;
    return new Promise((resolve) => {
      const votes = this.requests.vote(
        this.confirmText(items, lease),
        items.length,
        {
          split: (reply) => wordsOf(String(reply), items.length),
          isGranted,
          onReply: (member, words) => {
            if (isPlain(words)) return;
            isAllPlain = false;
            this.noteAttempts(words, items);
            this.healMissing(member, words, items);
          },
          onDecided: (index, verdict, decided) => {
            const item = items[index]!;
            if (
              (isAllPlain && verdict === 'granted' && group.now() < item.validUntil) ||
              this.isKept(item, index, verdict, decided)
            )
              leased.push(item);
            if (--open === 0) resolve(leased);
          },
        },
        askedAt,
      );
      if (home) votes.grantAll(home.index);
      for (const member of group.members) if (member !== home) member.submit(votes);
    });
  }

  /** Whether the message is to be delivered; otherwise what members said of it is acted upon. */
  private isKept(item: LeasedMessage, index: number, verdict: ItemVerdict, votes: ItemVotes): boolean {
    const { group } = this.requests;
    const { D, N, X } = this.aftermath;
    const words = group.members.map((member) => votes.wordOf(member.index, index) ?? '');
    if (words.includes('D')) {
      // done on any source is done: queue.md, safeguard S25
      D.add(`${item.id} ${item.holder} `);
      return false;
    }
    if (verdict === 'granted' && group.now() < item.validUntil) return true;
    if (verdict === 'refused' && words.includes('X')) {
      const reason = 'given up before';
      X.add(`${item.id} ${item.holder} ${reason.length} ${reason}`);
      return false;
    }
    for (const word of words) if (word.startsWith('T')) this.time.tokens.observe(Number(word.slice(1)));
    // of what several were handed, the others give back what they have
    const [rest, back] = item.shortLease === undefined ? [restOf(words), 1] : [restMin, 2];
    N.add(`${item.id} ${item.holder} ${rest} ${back} `);
    return false;
  }

  private confirmText(items: readonly LeasedMessage[], lease: number): string {
    const parts = [`F${lease}`];
    for (let from = 0, to: number; from < items.length; from = to) {
      const { holder, token, counted, group } = items[from]!;
      to = endOfRun(items, from, (item) => item.token === token && item.counted === counted && item.group === group);
      const size = group === '' ? 0 : Buffer.byteLength(group);
      parts.push(` ${holder} ${token} ${counted} ${size} ${group} ${to - from} `);
      for (let at = from; at < to; at++) parts.push(items[at]!.id);
    }
    return parts.join('');
  }

  /** Members that leased more often than home knows of. */
  private noteAttempts(words: readonly string[] | string, items: readonly LeasedMessage[]): void {
    for (let i = 0; i < items.length; i++) {
      const word = words[i]!;
      if (word.length > 1 && isGranted(word)) items[i]!.counted = Math.max(items[i]!.counted, Number(word.slice(1)));
    }
  }

  /** Gives a member the records of what it leased without knowing it. */
  private healMissing(memberIndex: number, words: readonly string[] | string, items: readonly LeasedMessage[]): void {
    const missing = items.filter((_, index) => words[index]![0] === 'B');
    if (missing.length === 0) return;
    const texts = missing.map(({ id, record }) => `${id} R 0 0 ${Buffer.byteLength(record)} ${record}`);
    this.requests.tell(this.requests.group.members[memberIndex]!, `H${texts.join('')}`);
  }
}

/** What members said of each message, from one answer: letters where none says more. */
function wordsOf(reply: string, count: number): readonly string[] | string {
  return count === 1 || reply.includes(' ') ? reply.split(' ') : reply;
}

/** Whether all were granted and nothing else is said. */
function isPlain(words: readonly string[] | string): boolean {
  return typeof words === 'string' && /^G+$/.test(words);
}

function isGranted(word: string): boolean {
  return word[0] === 'G' || word[0] === 'B';
}

/** ms after which home proposes it again: when those who refused may grant. */
function restOf(words: readonly string[]): number {
  const waits = (word: string): number[] =>
    words.filter(([letter]) => letter === word).map((told) => Number(told.slice(1)));
  // a lease may end early, but not the time until a next attempt
  return Math.max(restMin, Math.min(restMax, Math.max(0, ...waits('L'))), ...waits('W'));
}

function waitOf(ms: string): number {
  return ms === '-1' ? Infinity : Math.max(1, Number(ms));
}
