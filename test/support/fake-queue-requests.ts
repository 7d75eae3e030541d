import { Subject } from 'rxjs';
import type { GroupEvent } from '../../lib/quorum/group-status.js';
import { NoQuorumError } from '../../lib/errors.js';
import { ItemVotes, type ItemReader } from '../../lib/queue/item-votes.js';
import type { QueueRequests } from '../../lib/queue/queue-requests.js';
import { quorumOf } from '../../lib/quorum/tally.js';
import { countingRandom } from './counting-random.js';
import { VirtualClock } from './virtual-clock.js';

const script = { script: { name: 'messages', source: '', sha: '' }, header: [] };

/** One request that members vote on; the test answers for them. */
export interface FakeVotes {
  readonly text: string;
  readonly votes: ItemVotes;
  /** Members it was sent to. */
  readonly members: number[];
}

/** The requests of one queue to members that are not there: a test sees what is asked and answers in virtual time. */
export class FakeQueueRequests {
  readonly clock = new VirtualClock();
  readonly sent: FakeVotes[] = [];
  /** What was sent without waiting for an answer: `member text`. */
  readonly told: string[] = [];
  /** What members answer to requests that are no votes, by what was asked. */
  answer: (memberIndex: number, text: string) => unknown = () => undefined;
  readonly requests: QueueRequests;
  readonly events = new Subject<GroupEvent>();
  /** Who listens for what members publish: by `member id`. */
  readonly listeners = new Map<string, (text: string) => void>();

  constructor(size = 3) {
    const { clock } = this;
    const members = Array.from({ length: size }, (_, index) => ({
      index,
      name: `redis-${index + 1}`,
      state: 'voting',
      submit: (votes: ItemVotes) => this.sent.find((one) => one.votes === votes)!.members.push(index),
    }));
    const group = {
      clock,
      random: countingRandom(),
      homesOf: () => members,
      members,
      groupSize: size,
      memberCount: size,
      quorum: quorumOf(size),
      maxOperationTime: 2000,
      clientId: 'client',
      events: this.events,
      keys: { inbox: (client: string) => `inbox-${client}` },
      inboxAt: ({ index }: { index: number }) => ({
        isOpen: true,
        listen: (id: string, hear: (text: string) => void) => this.listeners.set(`${index} ${id}`, hear),
        unlisten: (id: string) => this.listeners.delete(`${index} ${id}`),
      }),
      now: () => clock.now(),
      reports: () => [],
      noQuorum: (attempted: string) => new NoQuorumError(attempted, quorumOf(size), size, [], 200),
    };
    const fake = {
      group,
      name: 'mail',
      vote: (text: string, count: number, reader: ItemReader, startedAt?: number) => {
        const votes = new ItemVotes(group, script, [], [text], count, reader, startedAt);
        this.sent.push({ text, votes, members: [] });
        return votes;
      },
      sendToAll: (votes: ItemVotes) => members.forEach((member) => member.submit(votes)),
      ask: async (member: { index: number }, text: string) => this.answer(member.index, text),
      askUpkeep: async (member: { index: number }, text: string) => this.answer(member.index, text),
      askAll: async (text: string) => members.map(({ index }) => this.answer(index, text)),
      tell: (member: { index: number }, text: string) => this.told.push(`${member.index} ${text}`),
      tellAll: (text: string) => members.forEach(({ index }) => this.told.push(`${index} ${text}`)),
      reports: () => [],
    };
    this.requests = fake as unknown as QueueRequests;
  }

  get last(): FakeVotes {
    const last = this.sent.at(-1);
    if (!last) throw new Error('nothing was asked');
    return last;
  }

  /** The members' answers to the last vote, in their order; undefined for one that gives none. */
  async reply(...replies: readonly (string | undefined)[]): Promise<void> {
    const { votes } = this.last;
    replies.forEach((reply, index) => {
      if (reply === undefined) votes.onFailure(index, 'suspect');
      else votes.onReply(index, reply);
    });
    await this.clock.settle();
  }
}
