import { connectMajorityRedis, type MajorityRedis, type MajorityRedisOptions } from '../../../lib/connect.js';
import type { QuorumKvService } from '../../../lib/kv/quorum-kv.service.js';
import type { LockOptions } from '../../../lib/lock/lock-options.js';
import type { Lock } from '../../../lib/lock/lock.js';
import type { LockService } from '../../../lib/lock/lock.service.js';
import type { MemberState } from '../../../lib/member/member-state.js';
import type { GroupEvent } from '../../../lib/quorum/group-status.js';
import type { QueueService } from '../../../lib/queue/queue.service.js';
import type { CuttableLink } from '../../support/cuttable-link.js';
import { eventually } from '../../support/eventually.js';
import type { FaultLog } from '../report/fault-log.js';

export type SiteClientOptions = Omit<MajorityRedisOptions, 'nodes'> & {
  /** Called at once with each event, before anything that follows from it is sent. */
  onEvent?: (event: GroupEvent, client: { links: readonly CuttableLink[] }) => void;
};

/** Short times, so that a fault and its recovery take seconds at most. All clients of a test must agree on them. */
export const brisk = {
  requestTimeout: 200,
  maxOperationTime: 500,
  connectTimeout: 5000,
  lock: { ttl: 2000, ttlMax: 2000, pollInterval: 200 },
  queue: { lease: 1000, leaseMax: 2000, maxAttempts: 1000, pollInterval: 200, antiEntropyInterval: 300 },
} as const satisfies SiteClientOptions;

/** One client with a link of its own to each member. */
export class SiteClient {
  private constructor(
    readonly name: string,
    /** All that it was told so far. */
    readonly events: readonly GroupEvent[],
    readonly links: readonly CuttableLink[],
    private readonly redis: MajorityRedis,
    private readonly log: FaultLog,
  ) {}

  /** @throws as `connectMajorityRedis()` does */
  static async connect(
    name: string,
    links: readonly CuttableLink[],
    log: FaultLog,
    { onEvent, ...options }: SiteClientOptions,
  ): Promise<SiteClient> {
    const events: GroupEvent[] = [];
    const hooks = {
      onEvent: (event: GroupEvent) => {
        events.push(event);
        onEvent?.(event, { links });
      },
    };
    const redis = await connectMajorityRedis({ ...brisk, ...options, nodes: links.map(({ url }) => url) }, hooks);
    return new SiteClient(name, events, links, redis, log);
  }

  get locks(): LockService {
    return this.redis.locks;
  }

  get kv(): QuorumKvService {
    return this.redis.kv;
  }

  get queues(): QueueService {
    return this.redis.queues;
  }

  get status(): MajorityRedis['group'] {
    return this.redis.group;
  }

  link(member: number): CuttableLink {
    return this.links[member - 1]!;
  }

  stateOf(member: number): MemberState {
    return this.redis.group.status().members[member - 1]!.state;
  }

  /** Requests out to a member. */
  inFlight(member: number): number {
    return this.redis.group.status().members[member - 1]!.inFlight;
  }

  /** Asks all members something, so that it finds out what they are. */
  async probe(): Promise<void> {
    await this.locks.inspect('probe').catch(() => undefined);
  }

  /** Resolves once the client sees all these members in the state. */
  async sees(state: MemberState, ...members: number[]): Promise<void> {
    await eventually(() => members.every((member) => this.stateOf(member) === state), { within: 20_000 });
  }

  async seesAllVoting(): Promise<void> {
    const check = (): true => {
      const missing = this.redis.group.status().members.filter(({ state }) => state !== 'voting');
      const told = missing.map(({ name, state, reason, rejoin }) => `${name} ${state} (${reason ?? rejoin?.phase})`);
      if (told.length > 0) throw new Error(`${this.name} sees ${told.join(', ')}`);
      return true;
    };
    await eventually(check, { within: 15_000 });
  }

  /** As `seesAllVoting()`, but looks for itself: a member that was flushed is found out only when it is asked. */
  async asksUntilAllVote(within = 20_000): Promise<void> {
    await eventually(
      async () => {
        const { votes } = await this.locks.inspect('probe');
        return votes.every(({ said }) => said === 'free');
      },
      { within },
    );
  }

  /** Resolves once all members vote and nothing that was sent on an earlier connection is still to be executed. */
  async seesOnlyLiveConnections(): Promise<void> {
    await this.seesAllVoting();
    await eventually(() => this.links.every(({ connectionCount }) => connectionCount === 1));
  }

  /** From now on it does not reach these members, and knows it. */
  async cutFrom(...members: number[]): Promise<void> {
    for (const member of members) {
      this.log.add('cut', `redis-${member}`, `from ${this.name}`);
      this.link(member).cut();
    }
    await eventually(() => members.every((member) => this.stateOf(member) !== 'voting'));
  }

  /** Cut, silent and slow links work again. */
  restore(...members: number[]): void {
    for (const member of members) {
      this.log.add('restore', `redis-${member}`, `for ${this.name}`);
      this.link(member).restore();
    }
  }

  /** Takes a lock at exactly these members: the client is cut from the others, and stays so. */
  async acquireAt(members: readonly number[], key: string, options?: LockOptions): Promise<Lock> {
    const others = this.links.map((_, index) => index + 1).filter((member) => !members.includes(member));
    await this.cutFrom(...others);
    return this.locks.acquire(key, options);
  }

  async close(): Promise<void> {
    await this.redis.close();
  }
}
