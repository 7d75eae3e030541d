import { Cluster, Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { createTransport, nodeName } from '../../../lib/member/node-transport.js';
import type { NodeOptions } from '../../../lib/member/node-options.js';

const opened: { disconnect(): void }[] = [];
afterEach(() => {
  for (const client of opened.splice(0)) client.disconnect();
});

function opening<T extends { disconnect(): void }>(client: T): T {
  opened.push(client);
  return client;
}

describe('the transport of a node', () => {
  it.each<[string, NodeOptions, string]>([
    ['a URL', 'redis://host.example', 'host.example:6379'],
    ['a URL with a port, a password and a database', 'rediss://user:secret@host.example:7000/2', 'host.example:7000'],
    ['options with a host', { host: 'a' }, 'a:6379'],
    ['options with a port', { port: 7001, password: 'secret' }, 'localhost:7001'],
    ['options with a path', { path: '/run/redis.sock' }, '/run/redis.sock'],
    ['options with sentinels', { sentinels: [{ host: 's', port: 26379 }], name: 'main' }, 'sentinel:main'],
    ['a cluster', { cluster: [{ host: 'a', port: 1 }, 'redis://:secret@b:2', 3] }, 'cluster:a:1,b:2,localhost:3'],
  ])('of %s has an address without a password', (_, node, address) => {
    expect(createTransport('nodes[0]', node, 'p').address).toBe(address);
  });

  it('is made of a ready Redis instance, which is left as it is', () => {
    const redis = opening(new Redis({ host: 'a', port: 7, lazyConnect: true }));
    const transport = createTransport('nodes[0]', redis, 'p');
    expect(transport.address).toBe('a:7');
    expect(redis.status).toBe('wait');
    expect(redis.options.enableOfflineQueue).toBe(true);
  });

  it('is made of a ready Cluster instance', () => {
    const cluster = opening(new Cluster([{ host: 'a', port: 7 }], { lazyConnect: true }));
    expect(createTransport('nodes[0]', cluster, 'p').address).toBe('cluster:a:7');
  });

  it('puts all keys of a group on a Cluster into one slot, and changes no key elsewhere', () => {
    const cluster = createTransport('nodes[0]', { cluster: [{ host: 'a' }] }, 'p');
    expect(cluster.mapKey('p:lock:{x}')).toBe('{p}:lock:{x}');
    expect(createTransport('nodes[0]', 'redis://a', 'p').mapKey('p:lock:{x}')).toBe('p:lock:{x}');
  });

  it.each(['host:6379', 'http://host', 'redis://', 'redis://host/name', 'redis:secret', ''])(
    'refuses the URL %j without repeating it, as it may carry a password',
    (url) => {
      let message = '';
      try {
        createTransport('nodes[3]', url, 'p');
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toMatch(/^nodes\[3\] must be a URL like .*, got something else$/);
    },
  );

  it.each([[null], [undefined], [7], [true], [{}], [{ cluster: [] }], [{ cluster: 'a' }], [[]]])(
    'refuses %j by name',
    (node) => {
      expect(() => createTransport('nodes[1]', node as unknown as NodeOptions, 'p')).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTIONS', option: expect.stringMatching(/^nodes\[1\]/) }),
      );
    },
  );

  it('takes the name that the user gave', () => {
    expect(nodeName({ host: 'a', name: 'berlin' })).toBe('berlin');
    expect(nodeName({ cluster: [], name: 'paris' })).toBe('paris');
    expect(nodeName('redis://a')).toBeUndefined();
    expect(nodeName({ host: 'a' })).toBeUndefined();
  });
});
