import { MemoryGroup } from '../../lib/in-memory/memory-group.js';
import { quorumOf } from '../../lib/quorum/tally.js';
import { startLocalGroup } from '../../lib/testing/index.js';

/** A group as a contract test sees it: whether its members are servers or live in this process is not its business. */
export interface TestGroup {
  /** For `clients.connect()`. */
  readonly nodes: readonly string[] | MemoryGroup;
  /** Names of the members, in their order. */
  readonly names: readonly string[];
  /** Takes so many members away that no quorum is left. */
  takeQuorum(): Promise<void>;
  stop(): Promise<void>;
}

/** A kind of group, for `describe.each()`. */
export interface GroupKind {
  /** `a group of 3` */
  readonly on: string;
  readonly size: number;
  open(): Promise<TestGroup>;
}

export function serverGroup(size: number): GroupKind {
  return {
    on: `a group of ${size}`,
    size,
    async open() {
      const group = await startLocalGroup({ size });
      return {
        nodes: group.urls,
        names: group.members.map(({ name }) => name),
        async takeQuorum() {
          await Promise.all(group.members.slice(quorumOf(size) - 1).map((member) => member.kill()));
        },
        stop: () => group.stop(),
      };
    },
  };
}

export const inMemoryGroup: GroupKind = {
  on: 'an in-memory group',
  size: 1,
  async open() {
    const nodes = new MemoryGroup();
    return {
      nodes,
      names: nodes.members.map(({ name }) => name),
      async takeQuorum() {
        for (const member of nodes.members) member.stop();
      },
      async stop() {},
    };
  },
};

/** What the public promises are tested on: they are the same on all of these. */
export const everyGroup: readonly GroupKind[] = [...[1, 3, 4, 5].map(serverGroup), inMemoryGroup];
