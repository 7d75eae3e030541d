import type { LockMode } from '../../lib/lock/lock.js';
import { LockKeys, lockScripts, requestText, tokenText } from '../../lib/lock/lock-votes.js';
import { VotingMember } from './voting-member.js';

/** ms that a key's last token is kept, as the scripts under test are told. */
export const retention = 86_400_000;

/** One request of the lock protocol, as its script reads it. */
export interface LockRequestText {
  readonly verb: string;
  readonly keys: readonly string[];
  readonly own: string;
}

type Keys = string | readonly string[];
type Line = number | 'turn';

function request(verb: string, keys: Keys, ...own: (string | number)[]): LockRequestText {
  return { verb, keys: typeof keys === 'string' ? [keys] : keys, own: own.join(' ') };
}

export const acquire = (keys: Keys, holder: string, token: number, lease = 10_000, line: Line = 0) =>
  request('acquire', keys, tokenText(token), holder, lease, line, '-');
export const acquireShared = (keys: Keys, holder: string, token: number, lease = 10_000, line: Line = 0) =>
  request('acquire_shared', keys, tokenText(token), lease, line, holder);
export const extend = (keys: Keys, holder: string, token: number, lease = 10_000) =>
  request('extend', keys, tokenText(token), lease, holder);
export const extendShared = (keys: Keys, holder: string, token: number, lease = 10_000) =>
  request('extend_shared', keys, tokenText(token), lease, holder);
export const release = (keys: Keys, holder: string, keep = 0) => request('release', keys, keep, holder);
export const releaseAll = (keys: Keys, holder: string, keep = 0) => request('release_all', keys, keep, holder);
export const handOver = (key: string, holder: string, next: string, token: number, inbox: string, lease = 500) =>
  request('hand_over', key, holder, next, tokenText(token), lease, inbox);
export const ask = (key: string, holder: string, mode: LockMode, inbox = '-', turn = 500) =>
  request('ask', key, holder, mode, inbox, turn);
export const leave = (key: string, holder: string, mode: LockMode, inbox = '-') =>
  request('leave', key, holder, mode, inbox);
export const inspect = (key: string) => request('inspect', key);

const recordVerbs = new Set(['acquire', 'extend', 'release']);

/** One real server that votes on locks, and their scripts, spoken to without any client of this package. */
export class LockMember extends VotingMember {
  private readonly lockKeys = new LockKeys(this.groupKeys);
  private lastToken = 0;

  /** Starts a server whose marker is valid: it votes. */
  static async start(): Promise<LockMember> {
    return new LockMember(...(await VotingMember.server()));
  }

  /** A token above all earlier ones, near this machine's clock as they usually are. */
  token(): number {
    this.lastToken = Math.max(this.lastToken + 1, Date.now() * 1000);
    return this.lastToken;
  }

  record(name: string): string {
    return this.groupKeys.of('lock', name);
  }

  line(name: string): string {
    return this.groupKeys.of('line', name);
  }

  readers(name: string): string {
    return this.groupKeys.of('readers', name);
  }

  /** One batch, of requests that go to one script. */
  async batch(requests: readonly LockRequestText[], fenceRetention = retention, runId = this.runId): Promise<unknown> {
    const { votes, lineVotes } = lockScripts(fenceRetention);
    const isShort = recordVerbs.has(requests[0]!.verb);
    const keys = requests.flatMap((one) => (isShort ? this.lockKeys.records(one.keys) : this.lockKeys.all(one.keys)));
    const texts = requests.map(({ verb, keys: names, own }) => requestText(names, `${verb} ${own}`.trimEnd()));
    const reply = await this.run(
      (isShort ? votes : lineVotes).script,
      [this.groupKeys.marker, ...keys],
      [runId, fenceRetention, ...texts],
    );
    return typeof reply === 'string' && reply !== 'REJOIN' ? reply.split(' ') : reply;
  }

  /** One request, with its own answer. */
  async vote(one: LockRequestText, fenceRetention = retention): Promise<unknown> {
    const answers = (await this.batch([one], fenceRetention)) as unknown[];
    return answers[0];
  }

  /** Several requests one after the other, with their answers. */
  async votes(...requests: readonly LockRequestText[]): Promise<unknown[]> {
    const answers: unknown[] = [];
    for (const one of requests) answers.push(await this.vote(one));
    return answers;
  }

  /** What `inspect` says of one lock. */
  async state(
    name: string,
  ): Promise<{ token: number; waiting: number; holder: string; left: number; readers: Map<string, number> }> {
    const answer = (await this.vote(inspect(name))) as [string, string, number, string, number, ...unknown[]];
    const [, token, waiting, holder, left, ...rest] = answer;
    const readers = new Map<string, number>();
    for (let i = 0; i < rest.length; i += 2) readers.set(String(rest[i]), Number(rest[i + 1]));
    return { token: Number(token), waiting, holder, left, readers };
  }
}
