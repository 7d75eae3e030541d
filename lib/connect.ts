import { KvRestorer } from './kv/kv-restorer.js';
import type { KvModuleOptions } from './kv/kv-options.js';
import { QuorumKvService } from './kv/quorum-kv.service.js';
import { RegisterKeys } from './kv/register-keys.js';
import { resolveKvOptions, type ResolvedKvOptions } from './kv/resolve-kv-options.js';
import { LockRestorer } from './lock/lock-restorer.js';
import type { LockModuleOptions } from './lock/lock-options.js';
import { LockService } from './lock/lock.service.js';
import { resolveLockModuleOptions } from './lock/resolve-lock-options.js';
import type { NodeOptions } from './member/node-options.js';
import { createTransport } from './member/node-transport.js';
import type { Transport } from './member/transport.js';
import { Group } from './quorum/group.js';
import type { GroupOptions } from './quorum/group-options.js';
import type { GroupEvent } from './quorum/group-status.js';
import { MajorityRedisService } from './quorum/majority-redis.service.js';
import { resolveGroupOptions } from './quorum/resolve-group-options.js';
import type { QueueModuleOptions } from './queue/queue-options.js';
import { QueueRestorer } from './queue/queue-restorer.js';
import { QueueService } from './queue/queue.service.js';
import { resolveQueueModuleOptions } from './queue/resolve-queue-options.js';
import { systemClock, type Clock } from './runtime/clock.js';
import { systemRandom, type Random } from './runtime/random.js';

/** Everything `forRoot()` takes, besides Nest's own `isGlobal`. */
export interface MajorityRedisOptions extends GroupOptions {
  /** Defaults and limits of locks. */
  lock?: LockModuleOptions;
  /** Defaults and limits of the queues. */
  queue?: QueueModuleOptions;
  /** Defaults and limits of the key-value store. */
  kv?: KvModuleOptions;
}

/** One connected group with its services. */
export interface MajorityRedis extends AsyncDisposable {
  readonly group: MajorityRedisService;
  readonly locks: LockService;
  readonly queues: QueueService;
  readonly kv: QuorumKvService;
  /** Releases all held locks and gives back all deliveries, then closes the group's own connections. Safe to call twice. */
  close(): Promise<void>;
}

/** What a caller may want to see of the start itself. */
export interface ConnectHooks {
  /** Called with each event from the first connection attempt on, so also with those before the promise resolves. */
  onEvent?: (event: GroupEvent) => void;
}

/**
 * Connects to a group without Nest: for scripts, tests and other frameworks.
 *
 * @throws InvalidOptionsError; NoQuorumError when no quorum answers within `connectTimeout`. Nothing stays open then.
 */
export function connectMajorityRedis(options: MajorityRedisOptions, hooks: ConnectHooks = {}): Promise<MajorityRedis> {
  return connectOn(machine, options, hooks);
}

/** @internal What a client stands on: everything that is not decided by its options and the members' answers. */
export interface Foundation {
  readonly clock: Clock;
  readonly random: Random;
  transportTo(option: string, node: NodeOptions, keyPrefix: string): Transport;
}

const machine: Foundation = { clock: systemClock, random: systemRandom, transportTo: createTransport };

/** @internal As `connectMajorityRedis()`; a simulation passes a foundation of its own. */
export async function connectOn(
  { clock, random, transportTo }: Foundation,
  options: MajorityRedisOptions,
  hooks: ConnectHooks = {},
): Promise<MajorityRedis> {
  const { lock, queue, kv: kvOptions, ...groupOptions } = options ?? {};
  const resolvedLock = resolveLockModuleOptions(lock);
  const resolvedKv = resolveKvOptions(kvOptions);
  const resolvedQueue = resolveQueueModuleOptions(queue);
  const leaseMax = Math.max(resolvedLock.ttlMax, resolvedQueue.leaseMax);
  const group = new Group(resolveGroupOptions(groupOptions), leaseMax, clock, random, transportTo);
  const locks = new LockService(group, resolvedLock);
  group.restorers.push(new LockRestorer(group.keys, resolvedLock.fenceRetention));
  const kv = createRegisters(group, 'kv', resolvedKv);
  const registers = createRegisters(group, 'queue-register', resolveKvOptions({ pollInterval: registerPoll }));
  const queues = new QueueService(group, resolvedQueue, registers);
  group.restorers.push(new QueueRestorer(group));
  if (hooks.onEvent) group.events.subscribe(hooks.onEvent);
  try {
    await group.start();
  } catch (error) {
    group.close();
    throw error;
  }
  kv.start();
  registers.start();
  const end = (): void => group.close();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= closeAll(locks, queues, kv, registers).then(end, end));
  return { group: new MajorityRedisService(group), locks, queues, kv, close, [Symbol.asyncDispose]: close };
}

/** ms between two looks at a register of a queue that nobody woke us for. */
const registerPoll = 5000;

/** A key-value store in a space of its own, which is copied to members that forgot. */
function createRegisters(group: Group, space: string, options: ResolvedKvOptions): QuorumKvService {
  const keys = new RegisterKeys(group.keys, space);
  group.restorers.push(new KvRestorer(group, keys));
  return new QuorumKvService(group, options, keys);
}

async function closeAll(
  locks: LockService,
  queues: QueueService,
  ...stores: readonly QuorumKvService[]
): Promise<void> {
  await Promise.all([locks.close(), queues.close()]);
  await Promise.all(stores.map((store) => store.close()));
}
