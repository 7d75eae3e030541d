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
import { Partitions } from './quorum/partitions.js';
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
  const partitions = Partitions.of(resolveGroupOptions(groupOptions), leaseMax, clock, random, transportTo);
  const { groups } = partitions;
  const locks = new LockService(partitions, resolvedLock);
  for (const group of groups) group.restorers.push(new LockRestorer(group.keys, resolvedLock.fenceRetention));
  const kv = createRegisters(partitions, 'kv', resolvedKv);
  const registerOptions = resolveKvOptions({ pollInterval: registerPoll });
  // a queue's registers are where its messages are, whatever their names
  const registers = groups.map((group) => createRegisters(new Partitions([group]), 'queue-register', registerOptions));
  const queues = new QueueService(partitions, resolvedQueue, registers);
  for (const group of groups) group.restorers.push(new QueueRestorer(group));
  if (hooks.onEvent) partitions.events.subscribe(hooks.onEvent);
  try {
    await partitions.start();
  } catch (error) {
    partitions.close();
    throw error;
  }
  const stores = [kv, ...registers];
  for (const store of stores) store.start();
  const end = (): void => partitions.close();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= closeAll(locks, queues, stores).then(end, end));
  return { group: new MajorityRedisService(partitions), locks, queues, kv, close, [Symbol.asyncDispose]: close };
}

/** ms between two looks at a register of a queue that nobody woke us for. */
const registerPoll = 5000;

/** A key-value store in a space of its own, which is copied to members that forgot. */
function createRegisters(partitions: Partitions, space: string, options: ResolvedKvOptions): QuorumKvService {
  const keys = partitions.groups.map((group) => {
    const own = new RegisterKeys(group.keys, space);
    group.restorers.push(new KvRestorer(group, own));
    return own;
  });
  return new QuorumKvService(partitions, options, keys);
}

async function closeAll(locks: LockService, queues: QueueService, stores: readonly QuorumKvService[]): Promise<void> {
  await Promise.all([locks.close(), queues.close()]);
  await Promise.all(stores.map((store) => store.close()));
}
