import type { ClusterNode, ClusterOptions, RedisOptions } from 'ioredis';

/**
 * A ready ioredis `Redis` or `Cluster`, of whichever copy or major of ioredis: only what is used of it is typed, so
 * that two copies of ioredis in one program do not clash.
 */
export interface RedisInstance {
  readonly options: object;
  readonly status: string;
  /** Makes another instance with the same options. */
  duplicate(...overrides: never[]): unknown;
}

/** ioredis options, with a name for logs and errors. */
export type NamedRedisOptions = RedisOptions & { name?: string };

/** A Redis Cluster as one member. */
export interface ClusterNodeOptions {
  name?: string;
  cluster: readonly ClusterNode[];
  options?: ClusterOptions;
}

/** One member of the group, as the user gives it. */
export type NodeOptions = string | NamedRedisOptions | ClusterNodeOptions | RedisInstance;
