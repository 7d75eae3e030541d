import { loadVotingScript } from '../../lib/quorum/scripts.js';
import { recordText, type MessageRecord } from '../../lib/queue/message-record.js';
import { queueKeys } from '../../lib/queue/queue-requests.js';
import { VotingMember } from './voting-member.js';

const folder = new URL('../../lib/queue/lua/', import.meta.url);
const script = (name: string) => loadVotingScript(new URL(`${name}.lua`, folder));
const messages = script('messages');
const upkeep = script('upkeep');
const exportScript = script('export');
const mergeScript = script('merge');

/** A message's own id. @param us creation */
export function messageId(us: number, suffix = 'AAAAAAAA'): string {
  return `${String(us).padStart(16, '0')}-${suffix}`;
}

/** A record as clients put it; its body says what it is. */
export function record(text = 'body', { priority = 0, group = '' }: Partial<MessageRecord> = {}): string {
  const body = { kind: 'S', text } as const;
  return recordText({ priority, group, maxAttempts: 5, backoff: undefined, callerId: '', trace: '', body });
}

/** What is asked of a member to be leased. */
export interface Proposed {
  readonly holder?: string;
  readonly id: string;
  readonly token: number;
  /** As members count it. */
  readonly counted?: number;
  readonly group?: string;
}

/** What home leased. */
export interface Leased {
  readonly id: string;
  readonly token: number;
  readonly counted: number;
  readonly record: string;
}

/** The state of a message as its text says. */
export interface StoredState {
  readonly token: number;
  readonly counted: number;
  readonly kind: string;
  readonly holder: string;
  readonly group: string;
  readonly reason: string;
}

/** One real server that votes on messages, and their scripts, spoken to without any client of this package. */
export class QueueMember extends VotingMember {
  /** Starts a server whose marker is valid: it votes. */
  static async start(): Promise<QueueMember> {
    return new QueueMember(...(await VotingMember.server()));
  }

  /** Key of one part of a queue: `records`, `ready`, … */
  key(queue: string, kind: string): string {
    return this.groupKeys.of(`queue-${kind}`, queue);
  }

  /** Key of the names of all queues. */
  get allQueues(): string {
    return this.groupKeys.of('queues', '');
  }

  /** @returns one letter per message, without the member's time */
  async put(queue: string, ...puts: { id: string; record?: string; delay?: number }[]): Promise<unknown> {
    const texts = puts.map(({ id, record: text = record(), delay = 0 }) => {
      return `${id} ${delay} ${Buffer.byteLength(text)} ${text}`;
    });
    const answer = await this.ask(queue, `P${Buffer.byteLength(queue)} ${queue}${texts.join('')}`);
    return typeof answer === 'string' ? answer.split(' ')[0] : answer;
  }

  /** @returns what was leased, or ms until something may change */
  async lease(
    queue: string,
    { holder = 'h', token = 1, ms = 60_000, count = 1, who = '-' } = {},
  ): Promise<Leased[] | number> {
    const text = `L${holder} ${String(token).padStart(16, '0')} ${ms} ${count} ${who}`;
    const words = (await this.ask(queue, text)) as string[];
    if (words[0] === 'FAILED') throw new Error(words[1]);
    if (words.length === 1) return Number(words[0]!.split(' ')[0]);
    const [runs = '', ...records] = words;
    const leased: Leased[] = [];
    for (const [, token_ = '', counted = '', count = '', ids = ''] of runs.matchAll(
      /(\d+) (\d+) (\d+) ((?:\d{16}-.{8})+)/g,
    )) {
      if (ids.length !== Number(count) * 25) throw new Error(`a run of ${count} has other ids: ${ids}`);
      for (const id of ids.match(/.{25}/g) ?? []) {
        leased.push({ id, token: Number(token_), counted: Number(counted), record: records[leased.length] ?? '' });
      }
    }
    if (leased.length !== records.length) throw new Error(`there are ${records.length} records for ${runs}`);
    return leased;
  }

  /** Ids that are leased. */
  async leaseIds(queue: string, options: Parameters<QueueMember['lease']>[1] = {}): Promise<string[]> {
    const leased = await this.lease(queue, options);
    return typeof leased === 'number' ? [] : leased.map(({ id }) => id);
  }

  /** @returns one word per message */
  async confirm(queue: string, ms: number, ...items: Proposed[]): Promise<string[]> {
    const texts = items.map(({ holder = 'h', id, token, counted = 1, group = '' }) => {
      return ` ${holder} ${token} ${counted} ${Buffer.byteLength(group)} ${group} 1 ${id}`;
    });
    const answer = String(await this.ask(queue, `F${ms}${texts.join('')}`));
    return items.length > 1 && answer.length === items.length ? [...answer] : answer.split(' ');
  }

  ack(queue: string, ...items: { id: string; holder?: string }[]): Promise<unknown> {
    return this.ask(queue, `A${items.map(({ id, holder = 'h' }) => `${holder} 1 ${id}`).join('')}`);
  }

  nack(queue: string, ...items: { id: string; holder?: string; delay?: number; isFree?: boolean }[]): Promise<unknown> {
    const texts = items.map(({ id, holder = 'h', delay = 0, isFree = false }) => {
      return `${id} ${holder} ${delay} ${isFree ? 1 : 0} `;
    });
    return this.ask(queue, `N${texts.join('')}`);
  }

  reject(queue: string, ...items: { id: string; holder?: string; reason?: string }[]): Promise<unknown> {
    const texts = items.map(({ id, holder = 'h', reason = 'no' }) => {
      return `${id} ${holder} ${Buffer.byteLength(reason)} ${reason}`;
    });
    return this.ask(queue, `X${texts.join('')}`);
  }

  spread(queue: string, ...ids: string[]): Promise<unknown> {
    return this.ask(queue, `E${listOf(ids)}`);
  }

  doneElsewhere(queue: string, ...items: { id: string; holder?: string }[]): Promise<unknown> {
    return this.ask(queue, `D${items.map(({ id, holder = '-' }) => `${id} ${holder} `).join('')}`);
  }

  heal(
    queue: string,
    ...items: { id: string; where?: string; ms?: number; state?: string; record?: string }[]
  ): Promise<unknown> {
    const texts = items.map(({ id, where = 'R', ms = 0, state = '', record: text = record() }) => {
      return `${id} ${where} ${ms} ${Buffer.byteLength(state)} ${Buffer.byteLength(text)} ${state}${text}`;
    });
    return this.ask(queue, `H${texts.join('')}`);
  }

  /** What the member tells of messages: word, ms, token, attempt; with contents also state and record. */
  async tell(queue: string, ids: readonly string[], verb: 'Q' | 'C' = 'Q'): Promise<string[][]> {
    return (await this.look(queue, `${verb}${listOf(ids)}`)) as string[][];
  }

  /** Where messages stand: one letter each. */
  async places(queue: string, ...ids: string[]): Promise<string> {
    return (await this.tell(queue, ids)).map(([word]) => word).join('');
  }

  remove(queue: string, ...ids: string[]): Promise<unknown> {
    return this.look(queue, `R${listOf(ids)}`);
  }

  redrive(queue: string, ...items: { id: string; counted: number }[]): Promise<unknown> {
    return this.look(queue, `V${items.map(({ id, counted }) => `${id} ${counted} `).join('')}`);
  }

  /** @returns floor, where to go on, how many were looked at, ids */
  async scan(
    queue: string,
    to: number,
    from: number | '-' = '-',
    limit = 1000,
  ): Promise<[string, string, string, ...string[]]> {
    return (await this.look(queue, `Z${to} ${from} ${limit} ${queue}`)) as [string, string, string, ...string[]];
  }

  raiseFloor(queue: string, floor: number): Promise<unknown> {
    return this.look(queue, `B${floor}`);
  }

  /** Any request of the keeping script. */
  async look(queue: string, text: string): Promise<unknown> {
    return this.request(upkeep, queue, text);
  }

  /** Any request about messages. */
  async ask(queue: string, text: string): Promise<unknown> {
    return this.request(messages, queue, text);
  }

  /** Lets a consumer stand here as at another member than its home. @returns the member's time (ms) */
  async stand(queue: string, who: string): Promise<number> {
    return Number(await this.ask(queue, `I${who}`));
  }

  /** Several requests about messages in one call. @param requests name of the queue and text */
  batch(...requests: readonly (readonly [queue: string, text: string])[]): Promise<unknown> {
    const keys = requests.flatMap(([queue]) => queueKeys(this.groupKeys, queue));
    const texts = requests.map(([, text]) => `01 ${text}`);
    return this.run(messages, [this.groupKeys.marker, ...keys], [this.runId, 0, ...texts]);
  }

  export(queue: string, marked: 'marked' | 'any', verb: string, ...args: (string | number)[]): Promise<unknown> {
    const keys = [this.groupKeys.marker, ...queueKeys(this.groupKeys, queue)];
    return this.run(exportScript, keys, [this.runId, marked, verb, ...args]);
  }

  merge(queue: string, ticket: string, verb: string, ...args: (string | number)[]): Promise<unknown> {
    const { marker, ticket: ticketKey } = this.groupKeys;
    const keys = [marker, ticketKey, ...queueKeys(this.groupKeys, queue)];
    return this.run(mergeScript, keys, [this.runId, ticket, verb, ...args]);
  }

  /** What the state of a message says; undefined when there is none. */
  async state(queue: string, id: string): Promise<StoredState | undefined> {
    const text = await this.redis.hget(this.key(queue, 'states'), id);
    const match = /^(\d+) (\d+) (\w) (\S+) ([^\n]*)\n?(.*)$/s.exec(text ?? '');
    if (!match) return undefined;
    const [, token, counted, kind, holder, group, reason] = match as unknown as string[];
    return {
      token: Number(token),
      counted: Number(counted),
      kind: kind!,
      holder: holder!,
      group: group!,
      reason: reason!,
    };
  }

  /** ms until the lease of a message ends on this member; undefined when it has none. */
  async leaseLeft(queue: string, id: string): Promise<number | undefined> {
    const ends = await this.redis.zscore(this.key(queue, 'leased'), id);
    return ends === null ? undefined : Number(ends) - (await this.timeUs()) / 1000;
  }

  /** The leases and delays of messages are over now. */
  async letEnd(queue: string, ...ids: string[]): Promise<void> {
    for (const id of ids) {
      for (const kind of ['leased', 'delayed']) await this.redis.zadd(this.key(queue, kind), 'XX', 1, id);
    }
  }

  private async request(verbs: typeof messages, queue: string, text: string): Promise<unknown> {
    const keys = [this.groupKeys.marker, ...queueKeys(this.groupKeys, queue)];
    const answers = await this.run(verbs, keys, [this.runId, 0, `01 ${text}`]);
    return Array.isArray(answers) ? (answers as unknown[])[0] : answers;
  }
}

function listOf(ids: readonly string[]): string {
  return ids.map((id) => `${id} `).join('');
}
