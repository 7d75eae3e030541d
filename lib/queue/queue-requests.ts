import type { Member } from '../member/member.js';
import type { VotingScript } from '../member/vote-request.js';
import type { Group } from '../quorum/group.js';
import type { GroupKeys } from '../quorum/group-keys.js';
import { loadVotingScript } from '../quorum/scripts.js';
import type { MemberReport } from '../errors.js';
import { ItemVotes, type ItemReader } from './item-votes.js';

const script = (name: string) => loadVotingScript(new URL(`./lua/${name}.lua`, import.meta.url));
const messages: VotingScript = { script: script('messages'), header: [0] };
const upkeep: VotingScript = { script: script('upkeep'), header: [0] };

const kinds = [
  'records',
  'states',
  'ready',
  'waiting',
  'delayed',
  'leased',
  'dead',
  'seen',
  'heads',
  'facts',
  'idle',
  'unknown',
];

/** The keys of a queue, in the order of `open_queue.lua`. */
export function queueKeys(keys: GroupKeys, name: string): string[] {
  return [...kinds.map((kind) => keys.of(`queue-${kind}`, name)), keys.of('queues', '')];
}

/** Lets members know the scripts before they vote. */
export function registerQueueScripts(group: Group): void {
  group.votingScripts.push(messages.script, upkeep.script);
}

/** The requests to members about one queue. */
export class QueueRequests {
  private readonly keys: readonly string[];

  constructor(
    readonly group: Group,
    readonly name: string,
  ) {
    this.keys = queueKeys(group.keys, name);
  }

  /** Not sent yet. @param text verb and its arguments, as the script's include says */
  vote(text: string, itemCount: number, reader: ItemReader, startedAt?: number): ItemVotes {
    const args = [`01 ${text}`];
    return new ItemVotes(this.group, messages, this.keys, args, itemCount, reader, startedAt, weightOf(text));
  }

  /** Home first: it wakes who waits. */
  sendToAll(votes: ItemVotes): void {
    const [home] = this.group.homesOf(this.name);
    home?.submit(votes);
    for (const member of this.group.members) if (member !== home) member.submit(votes);
  }

  /** To one member; undefined when it has no vote to give. */
  ask(member: Member, text: string): Promise<unknown> {
    return this.askBy(messages, member, text);
  }

  /** A look at or work on the order of one member; undefined when it has no vote to give. */
  askUpkeep(member: Member, text: string): Promise<unknown> {
    return this.askBy(upkeep, member, text);
  }

  /** The same to all voting members, not decided by quorum: their replies by member index. */
  async askAll(text: string): Promise<unknown[]> {
    return Promise.all(this.group.members.map((member) => this.askUpkeep(member, text)));
  }

  /** Sends what needs no answer. */
  tell(member: Member, text: string): void {
    void this.ask(member, text);
  }

  tellAll(text: string): void {
    for (const member of this.group.members) this.tell(member, text);
  }

  /** What each member said of an item, for errors. */
  reports(votes: ItemVotes, item: number, words: Readonly<Record<string, string>>): MemberReport[] {
    return this.group.members.map(({ name }, index) => {
      const said = votes.said[index];
      if (!said) return { member: name, said: 'no answer yet' };
      if ('failure' in said) return { member: name, said: said.failure };
      return { member: name, said: words[said.words[item]?.[0] ?? ''] ?? 'voted' };
    });
  }

  private async askBy(votingScript: VotingScript, member: Member, text: string): Promise<unknown> {
    const answer = await this.group.ask(member, votingScript, this.keys, [`01 ${text}`], weightOf(text));
    return Array.isArray(answer) && answer[0] === 'FAILED' ? undefined : answer;
  }
}

/** Characters of a request that keep a server as busy as one small request does. */
const weightUnit = 100;

function weightOf(text: string): number {
  return Math.ceil(text.length / weightUnit);
}
