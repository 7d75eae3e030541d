import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LockKeys, lockScripts, requestText } from '../../../lib/lock/lock-votes.js';
import { slotOf } from '../../../lib/member/key-slot.js';
import { createTransport } from '../../../lib/member/node-transport.js';
import type { Connection, Transport } from '../../../lib/member/transport.js';
import { GroupKeys } from '../../../lib/quorum/group-keys.js';
import type { LocalServer } from '../../../lib/testing/index.js';
import { eventually } from '../../support/eventually.js';
import { masterOf, startLocalCluster, type LocalCluster } from '../../support/local-cluster.js';
import { acquire, handOver, inspect, retention, type LockRequestText } from '../../support/lock-member.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const prefix = 'p';
const slot = slotOf(prefix);
const keys = new GroupKeys(prefix);
const { votes, lineVotes } = lockScripts(retention);

let cluster: LocalCluster;
let serving: LocalServer;
let other: LocalServer;
beforeAll(async () => {
  cluster = await startLocalCluster(2);
  serving = await masterOf(slot, cluster);
  other = cluster.masters.find((master) => master !== serving)!;
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** The master that serves the slot, voting, spoken to as a client of this package does. */
async function openMember(): Promise<(request: LockRequestText) => Promise<unknown>> {
  const transport: Transport = createTransport('nodes[0]', { cluster: cluster.startupNodes }, prefix);
  const connection: Connection = await transport.connect(5000, () => undefined);
  onTestFinished(() => connection.close());
  const { incarnation } = connection.facts;
  await serving.command('SET', transport.mapKey(keys.marker), incarnation);
  const lockKeys = new LockKeys(keys);
  return async ({ verb, keys: names, own }) => {
    const isShort = verb === 'acquire';
    const all = [keys.marker, ...(isShort ? lockKeys.records(names) : lockKeys.all(names))];
    const text = requestText(names, `${verb} ${own}`.trimEnd());
    const { script } = isShort ? votes : lineVotes;
    const reply = await connection.evaluate(
      script,
      all.map((key) => transport.mapKey(key)),
      [incarnation, retention, text],
    );
    return typeof reply === 'string' ? reply : (reply as unknown[])[0];
  };
}

/** What this master tells a waiter that reads its inbox at one of the two while a lock is handed over to it. */
async function handedTo(
  reader: LocalServer,
  name: string,
): Promise<{ answer: unknown; heard: string[]; holder: unknown }> {
  const vote = await openMember();
  const subscriber = new Redis(reader.url);
  onTestFinished(() => subscriber.disconnect());
  const heard: string[] = [];
  subscriber.on('message', (_, message: string) => heard.push(message));
  const inbox = `${prefix}:inbox:${name}`;
  await subscriber.subscribe(inbox);
  const token = Date.now() * 1000;
  expect(await vote(acquire(name, 'holder', token))).toBe('GRANTED');
  const answer = await vote(handOver(name, 'holder', 'waiter', token + 1, inbox));
  // messages arrive in order, also on their way over the Cluster
  await serving.command('PUBLISH', inbox, 'until here');
  await eventually(() => heard.at(-1) === 'until here');
  const [, , , holder] = (await vote(inspect(name))) as unknown[];
  return { answer, heard: heard.slice(0, -1), holder };
}

describe('a lock on a member that is a Redis Cluster', () => {
  it('is handed over to a waiter that reads its inbox at the master that serves the lock', async () => {
    const { answer, heard, holder } = await handedTo(serving, 'here');
    expect({ answer, holder }).toEqual({ answer: 'HANDED', holder: 'waiter' });
    expect(heard).toEqual([expect.stringContaining('waiter handed ')]);
  });

  it('is not handed over to one at another master, which hears all the same what is published (S37)', async () => {
    const { answer, heard, holder } = await handedTo(other, 'there');
    expect({ answer, heard }).toEqual({ answer: 'RELEASED', heard: [] });
    expect(holder).not.toBe('waiter');
  });
});
