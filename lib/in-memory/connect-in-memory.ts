import { connectOn, type ConnectHooks, type MajorityRedis, type MajorityRedisOptions } from '../connect.js';
import { systemRandom } from '../runtime/random.js';
import { MemoryGroup } from './memory-group.js';
import { MemoryTransport } from './memory-transport.js';

/** What `connectInMemory()` takes: all options but those that say where the servers are. */
export interface InMemoryOptions extends Omit<MajorityRedisOptions, 'nodes' | 'groupSize'> {
  /** The members to use, to share them between clients or to stop some. @default one of its own */
  group?: MemoryGroup;
}

/**
 * Connects to members that live in this process, for unit tests without a server. The services are the real ones, and
 * the members run the real scripts: same options, same errors, same promises.
 *
 * @throws InvalidOptionsError
 */
export function connectInMemory(options: InMemoryOptions = {}, hooks: ConnectHooks = {}): Promise<MajorityRedis> {
  const { group = new MemoryGroup(), ...given } = options;
  const byName = new Map(group.members.map((member) => [member.name, member]));
  const foundation = {
    clock: group.clock,
    random: systemRandom,
    transportTo: (_: string, node: unknown) => new MemoryTransport(byName.get((node as { name: string }).name)!),
  };
  const nodes = group.members.map(({ name }) => ({ name, host: name }));
  return connectOn(foundation, { ...given, nodes }, hooks);
}
