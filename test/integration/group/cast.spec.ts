import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { flatten } from '../../../lib/member/flatten.js';
import { createTransport } from '../../../lib/member/node-transport.js';
import type { Connection } from '../../../lib/member/transport.js';
import type { VoteArgument, VoteRequest, VotingScript } from '../../../lib/member/vote-request.js';
import { loadVotingScript } from '../../../lib/quorum/scripts.js';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';

const reading: VotingScript = {
  script: loadVotingScript(new URL('../../../lib/kv/lua/read.lua', import.meta.url)),
  header: [],
  isRead: true,
};
const source = 'return { KEYS, ARGV }';
const echo: VotingScript = {
  script: { name: 'echo', source, sha: createHash('sha1').update(source).digest('hex') },
  keys: ['own-key'],
  header: ['head', 17],
};

let group: LocalGroup;
let redis: Redis;
let connection: Connection;
beforeAll(async () => {
  group = await startLocalGroup({ size: 1 });
  redis = new Redis(group.urls[0]!);
  connection = await createTransport('nodes[0]', group.urls[0]!, 'p').connect(5000, () => undefined);
});
beforeEach(async () => {
  await redis.flushall();
  await redis.set('p:member', connection.facts.incarnation);
});
afterAll(async () => {
  connection.close();
  redis.disconnect();
  await group.stop();
});

function request(votingScript: VotingScript, keys: readonly string[], args: readonly VoteArgument[] = []): VoteRequest {
  return { votingScript, keys, args, sink: { onReply: () => undefined, onFailure: () => undefined } };
}

function cast(batch: readonly VoteRequest[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.cast!('p:member', connection.facts.incarnation, batch, (error, reply) =>
      error ? reject(error) : resolve(reply),
    );
  });
}

/** What the script answers to the same. */
function evaluate(batch: readonly VoteRequest[]): Promise<unknown> {
  const { keys, args } = flatten('p:member', connection.facts.incarnation, batch);
  return connection.evaluate(batch[0]!.votingScript.script, keys, args);
}

it('sends a batch as the script takes it, whatever characters are in it, also to a server that does not know it', async () => {
  const batch = [
    request(echo, ['k1', 'schlüssel'], ['zwölf €', 5]),
    request(echo, [], ['a\r\nb']),
    request(echo, ['k2'], ['']),
  ];
  const expected = [
    ['p:member', 'own-key', 'k1', 'schlüssel', 'k2'],
    [connection.facts.incarnation, 'head', '17', 'zwölf €', '5', 'a\r\nb', ''],
  ];
  expect(await cast(batch)).toEqual(expected);
  expect(await cast(batch)).toEqual(expected);
  expect(await evaluate(batch)).toEqual(expected);
});

it('reads what the script would tell, in one step with the marker (S03)', async () => {
  await redis.mset('k1', 'one', 'schlüssel', 'zwölf €');
  const batch = ['k1', 'none', 'schlüssel'].map((key) => request(reading, [key]));
  expect(await cast(batch)).toEqual(['one', '', 'zwölf €']);
  expect(await evaluate(batch)).toEqual(['one', '', 'zwölf €']);
  await redis.set('p:member', 'another life');
  expect(await cast(batch)).toBe('REJOIN');
  expect(await evaluate(batch)).toBe('REJOIN');
  await redis.del('p:member');
  expect(await cast(batch)).toBe('REJOIN');
  expect(await evaluate(batch)).toBe('REJOIN');
});

it('tells when the connection is closed', async () => {
  const other = await createTransport('nodes[0]', group.urls[0]!, 'p').connect(5000, () => undefined);
  other.close();
  await expect(
    new Promise((resolve, reject) => {
      other.cast!('p:member', 'run-id', [request(reading, ['k'])], (error, reply) =>
        error ? reject(error) : resolve(reply),
      );
    }),
  ).rejects.toThrow(/clos|writ/i);
});
