import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { InvalidOptionsError } from '../errors.js';
import { show, showKind } from '../options/checks.js';
import { ClusterMap } from './cluster-map.js';
import { ClusterTransport } from './cluster-transport.js';
import { ownSettings } from './ioredis-client.js';
import { IoredisTransport } from './ioredis-transport.js';
import type { ClusterNodeOptions, NodeOptions, RedisInstance } from './node-options.js';
import type { Transport } from './transport.js';

const allowed = 'a redis:// or rediss:// URL, ioredis options, { cluster: [...] }, or an ioredis instance';

/** By node: all partitions ask together. */
const maps = new WeakMap<object, ClusterMap>();

function mapOf(node: object, createClient: ConstructorParameters<typeof ClusterMap>[0]): ClusterMap {
  const map = maps.get(node) ?? new ClusterMap(createClient);
  maps.set(node, map);
  return map;
}

/** Name the user gave a node, if any. */
export function nodeName(node: NodeOptions): string | undefined {
  return typeof node === 'object' && node !== null && 'name' in node && typeof node.name === 'string'
    ? node.name
    : undefined;
}

/** How one node of the configuration is reached. @throws InvalidOptionsError when it is none of the known forms */
export function createTransport(option: string, node: NodeOptions, keyPrefix: string): Transport {
  if (typeof node === 'string') return fromUrl(option, node, keyPrefix);
  if (typeof node !== 'object' || node === null) throw new InvalidOptionsError(option, allowed, show(node));
  if (isInstance(node)) return fromInstance(node, keyPrefix);
  if (isClusterOptions(node)) return fromCluster(option, node, keyPrefix);
  return fromOptions(option, node, keyPrefix);
}

function fromUrl(option: string, text: string, keyPrefix: string): Transport {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || !/^\/?\d*$/.test(url.pathname)) {
    // a URL may carry a password: nothing of it is shown
    throw new InvalidOptionsError(
      option,
      'a URL like redis://user:password@host:6379/0 or rediss://…',
      'something else',
    );
  }
  return new IoredisTransport(
    `${url.hostname}:${url.port || 6379}`,
    keyPrefix,
    () => new Redis(text, { ...ownSettings }),
  );
}

function fromOptions(option: string, options: RedisOptions, keyPrefix: string): Transport {
  const { host, port, path, sentinels, name } = options;
  if (port !== undefined && (!Number.isInteger(port) || port < 1 || port > 65_535)) {
    throw new InvalidOptionsError(`${option}.port`, 'a port from 1 to 65535', show(port));
  }
  if (!host && port === undefined && !path && sentinels === undefined) {
    throw new InvalidOptionsError(option, allowed, 'an object without host, port, path, sentinels or cluster');
  }
  return new IoredisTransport(
    sentinels ? `sentinel:${name ?? ''}` : (path ?? `${host ?? 'localhost'}:${port ?? 6379}`),
    keyPrefix,
    () => new Redis({ ...options, ...ownSettings }),
  );
}

function fromCluster(option: string, node: ClusterNodeOptions, keyPrefix: string): Transport {
  const { cluster, options } = node;
  if (!Array.isArray(cluster) || cluster.length === 0 || cluster.some((node) => node === null || node === undefined)) {
    throw new InvalidOptionsError(`${option}.cluster`, 'an array of start-up nodes', showKind(cluster));
  }
  return new ClusterTransport(
    clusterAddress(cluster),
    keyPrefix,
    mapOf(
      node,
      (slotsRefreshTimeout) =>
        new Cluster([...cluster], { ...options, ...clusterSettings(options?.redisOptions), slotsRefreshTimeout }),
    ),
  );
}

function fromInstance(instance: RedisInstance, keyPrefix: string): Transport {
  if ('isCluster' in instance && instance.isCluster === true) {
    const cluster = instance as unknown as Cluster;
    const { startupNodes } = instance as { startupNodes?: readonly unknown[] };
    return new ClusterTransport(
      clusterAddress(startupNodes ?? []),
      keyPrefix,
      mapOf(instance, (slotsRefreshTimeout) =>
        cluster.duplicate([], { ...clusterSettings(cluster.options.redisOptions), slotsRefreshTimeout }),
      ),
    );
  }
  const redis = instance as unknown as Redis;
  const { host, port, path, sentinels, name } = redis.options;
  return new IoredisTransport(
    sentinels ? `sentinel:${name ?? ''}` : (path ?? `${host ?? 'localhost'}:${port ?? 6379}`),
    keyPrefix,
    () => redis.duplicate({ ...ownSettings }),
  );
}

function clusterSettings(redisOptions: object | undefined) {
  const { lazyConnect, enableOfflineQueue, ...perNode } = ownSettings;
  return {
    lazyConnect,
    enableOfflineQueue,
    enableAutoPipelining: false,
    // a Cluster of which a part is lost still tells who serves the rest
    enableReadyCheck: false,
    keyPrefix: '',
    clusterRetryStrategy: () => null,
    redisOptions: { ...redisOptions, ...perNode },
  };
}

function clusterAddress(nodes: readonly unknown[]): string {
  const names = nodes.map((node) => {
    if (typeof node === 'string') return URL.canParse(node) ? new URL(node).host : 'a host';
    if (typeof node === 'number') return `localhost:${node}`;
    const { host, port } = node as { host?: string; port?: number };
    return `${host ?? 'localhost'}:${port ?? 6379}`;
  });
  return `cluster:${names.join(',')}`;
}

function isInstance(node: object): node is RedisInstance {
  return 'duplicate' in node && typeof node.duplicate === 'function' && 'options' in node;
}

function isClusterOptions(node: object): node is ClusterNodeOptions {
  return 'cluster' in node;
}
