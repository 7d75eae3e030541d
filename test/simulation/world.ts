import { connectOn, type MajorityRedis, type MajorityRedisOptions } from '../../lib/connect.js';
import { NoQuorumError } from '../../lib/errors.js';
import type { TransportTo } from '../../lib/quorum/group.js';
import { pause } from '../../lib/runtime/pause.js';
import { ClientProcess } from './clients/client-process.js';
import { SimulatedClusterTransport } from './clients/simulated-cluster-transport.js';
import { SimulatedTransport } from './clients/simulated-transport.js';
import type { MemberHost } from './members/member-host.js';
import { SimulatedMember } from './members/simulated-member.js';
import { Link } from './network/link.js';
import type { Plan } from './plan.js';
import { Chance } from './time/chance.js';
import { MachineClock } from './time/machine-clock.js';
import { Scheduler } from './time/scheduler.js';
import type { Actor } from './workload/workload.js';

/** Short times, so that faults outlast them; the same in all clients. */
export const simulatedOptions = {
  requestTimeout: 100,
  maxOperationTime: 300,
  connectTimeout: 2000,
  lock: { ttl: 300, ttlMax: 1000, pollInterval: 100 },
  kv: { timeout: 1000, sweepInterval: 400, pollInterval: 300 },
  queue: {
    lease: 300,
    leaseMax: 1000,
    maxAttempts: 3,
    backoff: { type: 'fixed', delay: 50 },
    pollInterval: 200,
    antiEntropyInterval: 300,
  },
} as const satisfies Omit<MajorityRedisOptions, 'nodes'>;

/** One life of one client. */
interface ClientLife {
  readonly process: ClientProcess;
  redis: MajorityRedis | undefined;
}

/** A client's machine, whose process may die and be started again. */
export class ClientHost {
  /** One to each machine of the members. */
  readonly links: readonly Link[];
  readonly clock: MachineClock;
  private readonly waiting: ((actor: Actor) => void)[] = [];
  private lives = 0;
  private life: ClientLife | undefined;

  constructor(
    readonly name: string,
    private readonly world: World,
    fault: Plan['clientClocks'][number],
    private readonly chance: Chance,
  ) {
    this.clock = new MachineClock(world.scheduler, fault);
    this.links = world.linksOf(chance);
    this.start();
  }

  get process(): ClientProcess | undefined {
    return this.life?.process;
  }

  get redis(): MajorityRedis | undefined {
    return this.life?.redis;
  }

  /** The connected client, as soon as there is one. */
  actor(): Promise<Actor> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.serve();
    });
  }

  kill(): void {
    this.life?.process.kill();
    this.life = undefined;
  }

  start(): void {
    if (this.life) return;
    this.lives += 1;
    const process = new ClientProcess(this.world.scheduler, this.clock, this.chance.stream(`life ${this.lives}`));
    this.life = { process, redis: undefined };
    void this.connect(this.life);
  }

  private async connect(life: ClientLife): Promise<void> {
    const { process } = life;
    const { members, plan } = this.world;
    const chance = this.chance.stream(`network ${this.lives}`);
    const transportTo = transportsTo(this.world, process, this.links, chance);
    const options = { ...simulatedOptions, nodes: members.map(({ name }) => name), partitions: plan.split?.partitions };
    const foundation = { clock: process, random: process.random, transportTo };
    const onEvent = (event: object): void => this.world.note(this.name, JSON.stringify(event));
    while (this.life === life && !life.redis) {
      try {
        life.redis = await connectOn(foundation, options, { onEvent });
      } catch (error) {
        if (!(error instanceof NoQuorumError)) throw error;
        await pause(process, 50);
      }
    }
    this.serve();
  }

  private serve(): void {
    const { life } = this;
    if (!life?.redis) return;
    const { process, redis } = life;
    const actor = { name: this.name, redis, sleep: (ms: number) => pause(process, ms) };
    for (const give of this.waiting.splice(0)) give(actor);
  }
}

/** Everything that is simulated in one run: time, members, network, clients. */
export class World {
  readonly violations: string[] = [];
  readonly scheduler = new Scheduler((error) => this.object(`uncaught: ${textOf(error)}`));
  readonly members: readonly SimulatedMember[];
  readonly clients: readonly ClientHost[];

  constructor(
    readonly plan: Plan,
    /** Gets each line of the trace; undefined when nobody wants it. */
    private readonly trace: ((line: string) => void) | undefined,
  ) {
    const chance = new Chance(plan.seed, 'world');
    const { masters, partitions } = plan.split ?? { masters: 1, partitions: 1 };
    const clocks = plan.memberClocks.map((fault) => new MachineClock(this.scheduler, fault));
    const onExecuted = (host: string, words: readonly string[], reply: unknown): void => {
      if (this.trace)
        this.note(host, `${words[0]} ${words.slice(1).join(' ').slice(-120)} -> ${JSON.stringify(reply)}`);
    };
    this.members = Array.from({ length: plan.groupSize }, (_, index) => {
      const own = clocks.slice(index * masters, (index + 1) * masters);
      return new SimulatedMember(`redis-${index + 1}`, own, partitions, onExecuted);
    });
    this.clients = plan.clientClocks.map((fault, index) => {
      const name = `client-${index + 1}`;
      return new ClientHost(name, this, fault, chance.stream(name));
    });
  }

  get quorum(): number {
    return Math.floor(this.plan.groupSize / 2) + 1;
  }

  /** All machines, as clients' links are numbered. */
  get hosts(): readonly MemberHost[] {
    return this.members.flatMap(({ hosts }) => hosts);
  }

  /** A client's way to each machine. */
  linksOf(chance: Chance): Link[] {
    return this.hosts.map(({ name }) => new Link(this.plan.delays, chance.stream(name)));
  }

  /**
   * Whether in each of these partitions a minority at most has forgotten when this member forgets them too: what the
   * protocols rely on.
   */
  mayForget(member: SimulatedMember, partitions: readonly number[]): boolean {
    return partitions.every((partition) => {
      const forgetful = this.members.filter((other) => other === member || !other.remembers(partition)).length;
      return forgetful <= this.plan.groupSize - this.quorum;
    });
  }

  /** Whether a partition has formed: a majority of the members remembers it. */
  isKnown(partition: number): boolean {
    return this.members.filter((member) => member.remembers(partition)).length >= this.quorum;
  }

  now(): number {
    return this.scheduler.now;
  }

  keysLike(pattern: RegExp): string[] {
    return this.members.flatMap((member) => member.keys().filter((key) => pattern.test(key)));
  }

  object(violation: string): void {
    this.violations.push(violation);
    this.note('VIOLATION', violation);
  }

  note(who: string, what: string): void {
    this.trace?.(`${this.scheduler.now.toFixed(3).padStart(10)}  ${who.padEnd(10)} ${what}`);
  }
}

/** How one process reaches each member. @param links to each machine */
export function transportsTo(
  { scheduler, members, hosts }: World,
  process: ClientProcess,
  links: readonly Link[],
  chance: Chance,
): TransportTo {
  const routes = new Map(
    hosts.map((member, index) => [member, { scheduler, process, member, link: links[index]!, chance }] as const),
  );
  return (_, node, keyPrefix) => {
    const member = members.find(({ name }) => name === node)!;
    const own = member.hosts.map((host) => routes.get(host)!);
    if (member.isCluster) return new SimulatedClusterTransport(member, keyPrefix, own);
    return new SimulatedTransport(member.name, own[0]!);
  };
}

export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
