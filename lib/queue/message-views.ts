import { decodeValue } from '../kv/codec.js';
import type { KvCodec } from '../kv/kv.js';
import type { Member } from '../member/member.js';
import { attemptOf, redriven, redrivesOf } from './message-attempts.js';
import { createdUs } from './message-ids.js';
import { parseRecord } from './message-record.js';
import type { DeadLetter, MessageState, QueueSize } from './queue.js';
import type { QueueRequests } from './queue-requests.js';

/** Messages that are asked about in one request. */
const pageMax = 500;

/** What one member tells of a message: see `tell.lua`. */
interface Told {
  readonly word: string;
  readonly ms: number;
  readonly token: number;
  /** As members count it: see `attemptOf()`. */
  readonly counted: number;
  readonly state: string;
  readonly record: string;
}

const states: Record<string, MessageState> = { R: 'ready', Y: 'delayed', L: 'leased', X: 'dead', D: 'done' };

/** Looks at a queue by quorum, and acts on messages that nobody holds. */
export class MessageViews {
  constructor(private readonly requests: QueueRequests) {}

  /** Each figure is the median of what the members say. @throws NoQuorumError */
  async size(): Promise<QueueSize> {
    const answers = (await this.requests.askAll('S')).filter((answer) => Array.isArray(answer) && answer.length === 5);
    this.requireQuorum(answers.length, 'size');
    const median = (at: number): number => {
      const figures = answers.map((answer) => Number((answer as string[])[at])).sort((a, b) => a - b);
      return figures[figures.length >> 1]!;
    };
    return { ready: median(0), delayed: median(1), leased: median(2), dead: median(3), done: median(4) };
  }

  /** ms since the message that comes next was put, or null: the median of what the members say. @throws NoQuorumError */
  async headAge(): Promise<number | null> {
    const answers = (await this.requests.askAll('A')).filter((answer) => typeof answer === 'string');
    this.requireQuorum(answers.length, 'head age');
    // none ready counts as the youngest there can be
    const ages = answers.map((answer) => (answer === '' ? -1 : Number(answer) / 1000)).sort((a, b) => a - b);
    const age = ages[ages.length >> 1]!;
    return age < 0 ? null : age;
  }

  /** @throws NoQuorumError */
  async stateOf(id: string): Promise<MessageState> {
    const [found] = await this.look([id], 'Q');
    return found ? (states[found.word] ?? 'unknown') : 'unknown';
  }

  /** The oldest first, by the members' clocks. @throws NoQuorumError */
  async deadLetters(offset: number, limit: number, codec: KvCodec): Promise<DeadLetter[]> {
    const ids = await this.deadIds(offset + limit);
    const page = ids.slice(offset, offset + limit);
    const found = await this.look(page, 'C');
    const letters: DeadLetter[] = [];
    const nowMs = this.requests.group.clock.wallUs() / 1000;
    for (const [index, one] of found.entries()) {
      if (one?.word === 'X') letters.push(letterOf(page[index]!, one, codec, nowMs));
    }
    return letters;
  }

  /**
   * Makes dead letters ready again; without ids all there are.
   *
   * @returns how many
   * @throws NoQuorumError
   */
  async redrive(ids?: readonly string[]): Promise<number> {
    let count = 0;
    for (const page of pagesOf(ids ?? (await this.deadIds(Infinity)))) {
      const found = await this.look(page, 'Q');
      const dead = page.flatMap((id, index) => {
        const one = found[index];
        return one?.word === 'X' ? [`${id} ${redriven(one.counted)} `] : [];
      });
      if (dead.length === 0) continue;
      const letters = await this.askForLetters(`V${dead.join('')}`, 'redrive');
      count += dead.filter((_, index) => letters.some((answer) => answer[index] === 'A')).length;
    }
    return count;
  }

  /**
   * Removes messages that nobody holds.
   *
   * @returns which were there and are removed
   * @throws NoQuorumError
   */
  async remove(ids: readonly string[]): Promise<string[]> {
    return this.removeThose(ids, ['ready', 'delayed', 'dead']);
  }

  /** Removes all messages in some states. @returns how many. @throws NoQuorumError */
  async purge(wanted: readonly MessageState[]): Promise<number> {
    let count = 0;
    for (const member of this.enoughMembers()) {
      for (let cursor = '0'; ;) {
        const page = (await this.requests.askUpkeep(member, `K${cursor} ${pageMax}`)) as string[] | undefined;
        if (!page) throw this.noQuorum('purge');
        const [next, ...ids] = page;
        count += (await this.removeThose(ids, wanted)).length;
        if (next === '0') break;
        cursor = next!;
      }
    }
    return count;
  }

  /** Of a message that is leased at the same moment some members may write the tombstone: then it is done after that lease. */
  private async removeThose(ids: readonly string[], wanted: readonly MessageState[]): Promise<string[]> {
    const removed: string[] = [];
    for (const page of pagesOf(ids)) {
      // looked at first, so that one that is leased is not removed from the members that do not know it
      const found = await this.look(page, 'Q');
      const free = page.filter((_, index) => wanted.includes(states[found[index]?.word ?? ''] ?? 'unknown'));
      if (free.length === 0) continue;
      const letters = await this.askForLetters(`R${free.map((id) => `${id} `).join('')}`, 'remove');
      const isGone = (answer: string, index: number): boolean => 'AUD'.includes(answer[index]!);
      removed.push(
        ...free.filter(
          (_, index) =>
            letters.some((answer) => answer[index] === 'A') &&
            letters.filter((answer) => isGone(answer, index)).length >= this.requests.group.quorum,
        ),
      );
    }
    return removed;
  }

  /** What the members answer, a letter for each message. @throws NoQuorumError */
  private async askForLetters(text: string, what: string): Promise<string[]> {
    const letters = (await this.requests.askAll(text)).filter((answer) => typeof answer === 'string');
    this.requireQuorum(letters.length, what);
    return letters;
  }

  /** Of each message what a quorum says in one word, or the member with its latest state. @throws NoQuorumError */
  private async look(ids: readonly string[], verb: 'Q' | 'C'): Promise<(Told | undefined)[]> {
    const found: (Told | undefined)[] = [];
    while (found.length < ids.length) {
      const page = ids.slice(found.length, found.length + pageMax);
      const answers = await this.requests.askAll(`${verb}${page.map((id) => `${id} `).join('')}`);
      const members = answers.filter((answer) => Array.isArray(answer)) as string[][][];
      this.requireQuorum(members.length, 'look');
      // of large messages some fewer are told at once
      const told = Math.min(...members.map(({ length }) => length));
      for (let index = 0; index < told; index++) {
        found.push(
          latest(
            members.map((answer) => toldOf(answer[index]!)),
            this.requests.group.quorum,
          ),
        );
      }
    }
    return found;
  }

  private async deadIds(limit: number): Promise<string[]> {
    const died = new Map<string, number>();
    let members = 0;
    for (const member of this.requests.group.members) {
      if (await this.addDead(member, limit, died)) members += 1;
    }
    this.requireQuorum(members, 'dead letters');
    return [...died].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([id]) => id);
  }

  /** @returns whether the member told all */
  private async addDead(member: Member, limit: number, died: Map<string, number>): Promise<boolean> {
    for (let offset = 0; offset < limit; offset += pageMax) {
      const page = (await this.requests.askUpkeep(member, `W${offset} ${pageMax}`)) as string[] | undefined;
      if (!page) return false;
      for (let at = 0; at < page.length; at += 2) {
        died.set(page[at]!, Math.max(died.get(page[at]!) ?? 0, Number(page[at + 1])));
      }
      if (page.length < 2 * pageMax) break;
    }
    return true;
  }

  private enoughMembers(): Member[] {
    const { group } = this.requests;
    const voting = group.members.filter(({ state }) => state === 'voting');
    this.requireQuorum(voting.length, 'purge');
    return voting.slice(0, group.groupSize - group.quorum + 1);
  }

  private requireQuorum(count: number, what: string): void {
    if (count < this.requests.group.quorum) throw this.noQuorum(what);
  }

  private noQuorum(what: string): Error {
    const { group, name } = this.requests;
    return group.noQuorum(`${what} of queue "${name}"`, group.reports());
  }
}

function toldOf([word = 'U', ms = '0', token = '0', counted = '0', state = '', record = '']: readonly string[]): Told {
  return { word, ms: Number(ms), token: Number(token), counted: Number(counted), state, record };
}

function latest(told: readonly Told[], quorum: number): Told | undefined {
  const done = told.find(({ word }) => word === 'D');
  if (done) return done;
  const known = told.filter(({ word }) => word !== 'U');
  const redrives = Math.max(...known.map(({ counted }) => redrivesOf(counted)));
  const current = known.filter(({ counted }) => redrivesOf(counted) === redrives);
  const dead = current.filter(({ word }) => word === 'X');
  // a member that did not hear of it may have proposed it in vain since, with a higher token
  if (dead.length >= quorum) return dead[0];
  return current.sort((a, b) => b.token - a.token || order.indexOf(a.word) - order.indexOf(b.word))[0];
}

/** Of states with one token the later. */
const order = ['X', 'Y', 'R', 'L'];

function letterOf(id: string, { ms, counted, state, record }: Told, codec: KvCodec, nowMs: number): DeadLetter {
  const message = parseRecord(record);
  const reasonAt = state.indexOf('\n');
  return {
    id: message.callerId || id,
    body: bodyOf(() => decodeValue(codec, message.body)),
    attempts: attemptOf(counted),
    reason: reasonAt === -1 ? '' : state.slice(reasonAt + 1),
    diedAt: new Date(nowMs - ms),
    createdAt: new Date(createdUs(id) / 1000),
    priority: message.priority,
    group: message.group || undefined,
  };
}

/** A dead letter may be one because its body cannot be decoded. */
function bodyOf(decode: () => unknown): unknown {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

function* pagesOf(ids: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += pageMax) yield ids.slice(at, at + pageMax);
}
