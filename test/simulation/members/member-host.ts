import type { Wire, WireEnd } from '../network/wire.js';
import type { Bytes } from '../redis/bytes.js';
import type { Snapshot } from '../redis/keyspace.js';
import { SimulatedRedis, type ClusterSlots } from '../redis/simulated-redis.js';
import type { MachineClock } from '../time/machine-clock.js';
import type { Request, Response } from './protocol.js';

export type MemberWire = Wire<Request, Response>;

/** What a member remembers when it comes back. */
export type Memory = 'nothing' | 'older' | 'all';

/** One process of the server, from start to end. */
interface Life {
  readonly redis: SimulatedRedis;
  readonly wires: Set<MemberWire>;
  readonly subscribers: Map<Bytes, Set<MemberWire>>;
}

/** What a server shares with others, where it is one of the masters of a Cluster. */
export interface Neighbourhood {
  readonly slots: ClusterSlots;
  /** What is published on one master is heard on all. */
  broadcast(channel: Bytes, message: Bytes): void;
}

/** One machine: a Redis server that crashes, comes back, and hangs. */
export class MemberHost {
  private life: Life | undefined;
  private lives = 0;
  private isFrozen = false;
  /** Work that came while it hung; it is done when it goes on. */
  private backlog: (() => void)[] = [];
  private saved: Snapshot | undefined;
  private last: Snapshot | undefined;

  constructor(
    readonly name: string,
    private readonly clock: MachineClock,
    /** Told of each script call, for the trace. */
    private readonly onExecuted: (words: readonly Bytes[], reply: unknown) => void,
    private readonly neighbourhood?: Neighbourhood,
  ) {
    this.start('nothing');
  }

  get redis(): SimulatedRedis | undefined {
    return this.life?.redis;
  }

  get isUp(): boolean {
    return this.life !== undefined && !this.isFrozen;
  }

  /** The member's end of a wire that a client opens. */
  endOf(wire: () => MemberWire): WireEnd<Request> {
    return {
      onMessage: (message) => this.receive(wire(), message),
      onEnd: () => this.whenAwake(() => this.forget(wire())),
    };
  }

  /** Writes what it holds to its disk: what an older memory is. */
  save(): void {
    this.saved = this.redis?.keyspace.snapshot();
  }

  /** The process is killed. @param isSilent the machine goes with it: nobody is told */
  crash(isSilent: boolean): void {
    if (!this.life) return;
    const { wires, redis } = this.life;
    this.last = redis.keyspace.snapshot();
    this.life = undefined;
    this.isFrozen = false;
    this.backlog = [];
    for (const wire of wires) wire.closeByMember('connection closed', isSilent);
  }

  start(memory: Memory): void {
    if (this.life) return;
    this.lives += 1;
    const subscribers = new Map<Bytes, Set<MemberWire>>();
    const redis = new SimulatedRedis(`${this.name.replaceAll(/\W/g, '')}life${this.lives}`, {
      nowUs: () => this.clock.wallUs(),
      publish: (channel, message) => {
        this.neighbourhood?.broadcast(channel, message);
        return tell(subscribers, channel, message);
      },
      subscribers: (channel) => subscribers.get(channel)?.size ?? 0,
      slots: this.neighbourhood?.slots,
    });
    const snapshot = memory === 'all' ? this.last : memory === 'older' ? this.saved : undefined;
    if (snapshot) redis.load(snapshot);
    this.life = { redis, wires: new Set(), subscribers };
  }

  /** Something was published on another master of its Cluster. */
  hear(channel: Bytes, message: Bytes): void {
    this.whenAwake(() => this.life && tell(this.life.subscribers, channel, message));
  }

  flush(): void {
    this.redis?.execute(['FLUSHALL']);
  }

  /** The process stands still; what is sent to it waits in its sockets. */
  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
    const { backlog } = this;
    this.backlog = [];
    for (const work of backlog) work();
  }

  private receive(wire: MemberWire, message: Request): void {
    if (message.kind === 'open') return this.accept(wire);
    // no process knows this connection any more, and the machine says so
    if (!this.life?.wires.has(wire)) return wire.closeByMember('read ECONNRESET', false);
    this.whenAwake(() => this.handle(wire, message));
  }

  /** The machine itself takes connections, also while the process stands still. */
  private accept(wire: MemberWire): void {
    if (!this.life) return wire.closeByMember('connect ECONNREFUSED', false);
    this.life.wires.add(wire);
    wire.sendBack({ kind: 'opened' });
  }

  private handle(wire: MemberWire, message: Exclude<Request, { kind: 'open' }>): void {
    const { life } = this;
    if (!life?.wires.has(wire)) return;
    if (message.kind === 'subscribe') {
      const wires = life.subscribers.get(message.channel) ?? new Set();
      life.subscribers.set(message.channel, wires.add(wire));
      return wire.sendBack({ kind: 'subscribed' });
    }
    const reply = life.redis.execute(message.words);
    this.onExecuted(message.words, reply);
    wire.sendBack({ kind: 'reply', reply });
  }

  private forget(wire: MemberWire): void {
    this.life?.wires.delete(wire);
    for (const wires of this.life?.subscribers.values() ?? []) wires.delete(wire);
  }

  private whenAwake(work: () => void): void {
    if (this.isFrozen) this.backlog.push(work);
    else work();
  }
}

/** @returns how many subscribers the message goes to */
function tell(subscribers: Life['subscribers'], channel: Bytes, message: Bytes): number {
  const wires = subscribers.get(channel);
  for (const wire of wires ?? []) wire.sendBack({ kind: 'published', message });
  return wires?.size ?? 0;
}
