import { loadVotingScript } from '../../lib/quorum/scripts.js';
import { ballotText, contentText, parseAccepted, type Accepted } from '../../lib/kv/register.js';
import { VotingMember } from './voting-member.js';

const folder = new URL('../../lib/kv/lua/', import.meta.url);
const script = (name: string) => loadVotingScript(new URL(`${name}.lua`, folder));
const registers = script('registers');
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

/** What a member knows of a register. */
export interface StoredRecord extends Accepted {
  readonly promised: number;
}

/** One real server that votes on registers, and their scripts, spoken to without any client of this package. */
export class KvMember extends VotingMember {
  readonly due = this.groupKeys.of('kv-due', '');
  readonly floor = this.groupKeys.of('kv-floor', '');

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

  get(name: string): Promise<unknown> {
    return this.request('01 G', [this.record(name)]);
  }

  prepare(name: string, ballot: number): Promise<unknown> {
    return this.request(`02 P${ballotText(ballot)}`, [this.record(name), this.floor]);
  }

  accept(name: string, ballot: number, next: number, text: string): Promise<unknown> {
    return this.request(`03 A${ballotText(ballot)}${ballotText(next)}${text}`, this.stored(name));
  }

  writeBack(name: string, ballot: number, text: string): Promise<unknown> {
    return this.request(`04 W${ballotText(ballot)}${text}`, [...this.stored(name), this.floor]);
  }

  forget(name: string, ballot: number, act: '?' | '!'): Promise<unknown> {
    return this.request(`03 F${ballotText(ballot)}${act}`, [this.record(name), this.due, this.floor]);
  }

  listen(name: string, lease: number, who: string): Promise<unknown> {
    return this.request(`01 L${lease} ${who}`, [this.listeners(name)]);
  }

  unlisten(name: string, who: string): Promise<unknown> {
    return this.request(`01 U${who}`, [this.listeners(name)]);
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
    return [this.record(name), this.due, this.listeners(name)];
  }

  private async request(text: string, keys: readonly string[]): Promise<unknown> {
    const answers = await this.run(registers, [this.groupKeys.marker, ...keys], [this.runId, promiseMs, text]);
    return Array.isArray(answers) ? (answers as unknown[])[0] : answers;
  }
}
