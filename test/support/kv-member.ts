import { loadVotingScript } from '../../lib/quorum/scripts.js';
import { ballotText, contentText, parseAccepted, type Accepted } from '../../lib/kv/register.js';
import { VotingMember } from './voting-member.js';

const folder = new URL('../../lib/kv/lua/', import.meta.url);
const script = (name: string) => loadVotingScript(new URL(`${name}.lua`, folder));
const registers = script('registers');
const readScript = script('read');
const fenceScript = script('fence');
const restoreScript = script('restore');
const clearScript = script('clear');
const dueScript = script('due');

/** ms that a promise lasts while nothing is accepted, as the scripts under test are told. */
export const promiseMs = 8000;

/** Due and state of a content as the scripts take them; a tombstone without a value. */
export function content(value?: string, due = 0, token = 0): string {
  return contentText(
    { value: value === undefined ? undefined : { kind: 'S', text: value }, due, token },
    undefined,
    [],
  );
}

/** One request of a batch. */
export interface RegisterRequest {
  readonly text: string;
  readonly keys: readonly string[];
}

/** What a member knows of a register. */
export interface StoredRecord extends Accepted {
  readonly promised: number;
}

/** One real server that votes on registers, and their scripts, spoken to without any client of this package. */
export class KvMember extends VotingMember {
  readonly due = this.groupKeys.of('kv-due', '');
  readonly floor = this.groupKeys.of('kv-floor', '');
  readonly listened = this.groupKeys.of('kv-listened', '');

  /** Starts a server whose marker is valid: it votes. */
  static async start(): Promise<KvMember> {
    return new KvMember(...(await VotingMember.server()));
  }

  record(name: string): string {
    return this.groupKeys.of('kv', name);
  }

  listeners(name: string): string {
    return this.groupKeys.of('kv-listeners', name);
  }

  /** What a read tells of records, as the script says it. */
  read(names: readonly string[]): Promise<unknown> {
    const keys = [this.groupKeys.marker, ...names.map((name) => this.record(name))];
    return this.run(readScript, keys, [this.runId]);
  }

  async prepare(name: string, ballot: number): Promise<unknown> {
    return this.request(this.preparing(name, ballot));
  }

  async accept(name: string, ballot: number, next: number, text: string): Promise<unknown> {
    return this.request(this.accepting(name, ballot, next, text));
  }

  async writeBack(name: string, ballot: number, text: string): Promise<unknown> {
    return this.request({ text: `02 W${ballotText(ballot)}${text}`, keys: this.stored(name) });
  }

  async forget(name: string, ballot: number, act: '?' | '!'): Promise<unknown> {
    return this.request(this.forgetting(name, ballot, act));
  }

  async listen(name: string, lease: number, who: string): Promise<unknown> {
    return this.request(this.listening(name, lease, who));
  }

  async unlisten(name: string, who: string): Promise<unknown> {
    return this.request({ text: `01 U${who}`, keys: [this.listeners(name)] });
  }

  preparing(name: string, ballot: number): RegisterRequest {
    return { text: `01 P${ballotText(ballot)}`, keys: [this.record(name)] };
  }

  accepting(name: string, ballot: number, next: number, text: string): RegisterRequest {
    return { text: `02 A${ballotText(next)}${ballotText(ballot)}${text}`, keys: this.stored(name) };
  }

  forgetting(name: string, ballot: number, act: '?' | '!'): RegisterRequest {
    return { text: `01 F${ballotText(ballot)}${act}`, keys: [this.record(name)] };
  }

  listening(name: string, lease: number, who: string): RegisterRequest {
    return { text: `01 L${lease} ${who}`, keys: [this.listeners(name)] };
  }

  /** What the script answers to several requests in one call. */
  batch(requests: readonly RegisterRequest[]): Promise<unknown> {
    const keys = [this.groupKeys.marker, this.due, this.floor, this.listened];
    return this.run(
      registers,
      [...keys, ...requests.flatMap((request) => request.keys)],
      [this.runId, promiseMs, ...requests.map(({ text }) => text)],
    );
  }

  /** Prepare and accept under one ballot, after which the next is promised. */
  async write(name: string, ballot: number, text: string, next = ballot): Promise<void> {
    await this.prepare(name, ballot);
    const answer = await this.accept(name, ballot, next, text);
    if (answer !== 'A') throw new Error(`not accepted: ${String(answer)}`);
  }

  fence(names: readonly string[], ballot: number, marked: 'marked' | 'any' = 'marked'): Promise<unknown> {
    const keys = [this.groupKeys.marker, this.floor, ...names.map((name) => this.record(name))];
    return this.run(fenceScript, keys, [this.runId, marked, ballotText(ballot)]);
  }

  /** @param known floor and records as `fence` tells them */
  restore(names: readonly string[], known: readonly string[], ticket: string): Promise<unknown> {
    const { marker, ticket: ticketKey } = this.groupKeys;
    const keys = [marker, ticketKey, this.due, this.floor, ...names.map((name) => this.record(name))];
    return this.run(restoreScript, keys, [this.runId, ticket, promiseMs, ...known]);
  }

  clear(names: readonly string[], ticket: string): Promise<unknown> {
    const { marker, ticket: ticketKey } = this.groupKeys;
    const keys = [marker, ticketKey, this.due, ...names.map((name) => this.record(name))];
    return this.run(clearScript, keys, [this.runId, ticket]);
  }

  dueNames(client: string, lease: number, most: number): Promise<unknown> {
    const keys = [this.groupKeys.marker, this.due, this.groupKeys.of('kv-sweeper', '')];
    return this.run(dueScript, keys, [this.runId, client, lease, most]);
  }

  /** What the record of a name says now; undefined when there is none. */
  async state(name: string): Promise<StoredRecord | undefined> {
    const text = await this.redis.get(this.record(name));
    return text === null ? undefined : { promised: Number(text.slice(0, 16)), ...parseAccepted(text.slice(16)) };
  }

  private stored(name: string): string[] {
    return [this.record(name), this.listeners(name)];
  }

  private async request(request: RegisterRequest): Promise<unknown> {
    const answers = await this.batch([request]);
    return Array.isArray(answers) ? (answers as unknown[])[0] : answers;
  }
}
