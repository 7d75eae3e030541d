import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { flatten } from '../../../lib/member/flatten.js';
import type { NodeOptions } from '../../../lib/member/node-options.js';
import { createTransport } from '../../../lib/member/node-transport.js';
import type { Connection, Transport } from '../../../lib/member/transport.js';
import type { VoteArgument, VoteRequest, VotingScript } from '../../../lib/member/vote-request.js';
import { loadVotingScript } from '../../../lib/quorum/scripts.js';
import { startLocalGroup } from '../../../lib/testing/index.js';
import { startLocalCluster } from '../../support/local-cluster.js';

const reading: VotingScript = {
  script: loadVotingScript(new URL('../../../lib/kv/lua/read.lua', import.meta.url)),
  header: [],
  isRead: true,
};
const source = 'return { KEYS, ARGV }';
const echo: VotingScript = {
  script: { name: 'echo', source, sha: createHash('sha1').update(source).digest('hex') },
  keys: ['p:own'],
  header: ['head', 17],
};

interface TestMember extends AsyncDisposable {
  readonly url: string;
  readonly node: NodeOptions;
}

async function startServer(): Promise<TestMember> {
  const group = await startLocalGroup({ size: 1 });
  const url = group.urls[0]!;
  return { url, node: url, [Symbol.asyncDispose]: () => group.stop() };
}

async function startCluster(): Promise<TestMember> {
  const cluster = await startLocalCluster(1);
  const { masters, startupNodes } = cluster;
  const node = { cluster: startupNodes };
  return { url: masters[0]!.url, node, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

function request(votingScript: VotingScript, keys: readonly string[], args: readonly VoteArgument[] = []): VoteRequest {
  return { votingScript, keys, args, sink: { onReply: () => undefined, onFailure: () => undefined } };
}

describe.each([
  { kind: 'server', start: startServer },
  { kind: 'Redis Cluster', start: startCluster },
])('a batch of votes for a member that is a $kind', ({ start }) => {
  let member: TestMember;
  let redis: Redis;
  let transport: Transport;
  let connection: Connection;
  let marker: string;
  beforeAll(async () => {
    member = await start();
    redis = new Redis(member.url);
    transport = createTransport('nodes[0]', member.node, 'p');
    connection = await transport.connect(5000, () => undefined);
    marker = transport.mapKey('p:member');
  });
  beforeEach(async () => {
    await redis.flushall();
    await redis.set(marker, connection.facts.incarnation);
  });
  afterAll(async () => {
    connection.close();
    redis.disconnect();
    await member[Symbol.asyncDispose]();
  });

  function cast(batch: readonly VoteRequest[], through = connection): Promise<unknown> {
    return new Promise((resolve, reject) => {
      through.cast!(marker, connection.facts.incarnation, batch, (error, reply) =>
        error ? reject(error) : resolve(reply),
      );
    });
  }

  /** What the script answers to the same. */
  function evaluate(batch: readonly VoteRequest[]): Promise<unknown> {
    const { keys, args } = flatten(marker, connection.facts.incarnation, batch, (key) => transport.mapKey(key));
    return connection.evaluate(batch[0]!.votingScript.script, keys, args);
  }

  it('is sent as the script takes it, whatever characters are in it, also when the server does not know that', async () => {
    await redis.script('FLUSH');
    const batch = [
      request(echo, ['p:k1', 'p:schlüssel'], ['zwölf €', 5]),
      request(echo, [], ['a\r\nb']),
      request(echo, ['p:k2'], ['']),
    ];
    const expected = [
      ['p:member', 'p:own', 'p:k1', 'p:schlüssel', 'p:k2'].map((key) => transport.mapKey(key)),
      [connection.facts.incarnation, 'head', '17', 'zwölf €', '5', 'a\r\nb', ''],
    ];
    expect(await cast(batch)).toEqual(expected);
    expect(await cast(batch)).toEqual(expected);
    expect(await evaluate(batch)).toEqual(expected);
  });

  it('that only reads tells what the script would, in one step with the marker (S03)', async () => {
    const [k1, long] = [transport.mapKey('p:k1'), transport.mapKey('p:schlüssel')];
    await redis.mset(k1, 'one', long, 'zwölf €');
    const batch = ['p:k1', 'p:none', 'p:schlüssel'].map((key) => request(reading, [key]));
    expect(await cast(batch)).toEqual(['one', '', 'zwölf €']);
    expect(await evaluate(batch)).toEqual(['one', '', 'zwölf €']);
    await redis.set(marker, 'another life');
    expect(await cast(batch)).toBe('REJOIN');
    expect(await evaluate(batch)).toBe('REJOIN');
    await redis.del(marker);
    expect(await cast(batch)).toBe('REJOIN');
    expect(await evaluate(batch)).toBe('REJOIN');
  });

  it('is made once for all members of its kind', async () => {
    const other = await transport.connect(5000, () => undefined);
    const batch = [request(echo, ['p:k1'], ['some'])];
    const told = await cast(batch);
    const kept = { ...batch[0]! };
    expect(await cast(batch, other)).toEqual(told);
    expect(batch[0]).toEqual(kept);
    other.close();
  });

  it('tells when the connection is closed', async () => {
    const other = await transport.connect(5000, () => undefined);
    other.close();
    await expect(cast([request(reading, ['p:k'])], other)).rejects.toThrow(/clos|writ/i);
  });
});
