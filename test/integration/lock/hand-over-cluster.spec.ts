import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LockKeys, lockScripts, requestText } from '../../../lib/lock/lock-votes.js';
import type { LocalServer } from '../../../lib/testing/index.js';
import { ClusterMember } from '../../support/cluster-member.js';
import { acquire, handOver, inspect, retention, type LockRequestText } from '../../support/lock-member.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const { votes, lineVotes } = lockScripts(retention);

let member: ClusterMember;
beforeAll(async () => {
  member = await ClusterMember.start();
});
afterAll(() => member[Symbol.asyncDispose]());

function vote({ verb, keys, own }: LockRequestText): Promise<unknown> {
  const lockKeys = new LockKeys(member.groupKeys);
  const text = requestText(keys, `${verb} ${own}`.trimEnd());
  return verb === 'acquire'
    ? member.vote(votes.script, lockKeys.records(keys), retention, text)
    : member.vote(lineVotes.script, lockKeys.all(keys), retention, text);
}

/** Hands a lock over to a waiter that reads its inbox at one of the two masters. */
async function handedTo(
  reader: LocalServer,
  name: string,
): Promise<{ answer: unknown; heard: string[]; holder: unknown }> {
  const inbox = `p:inbox:${name}`;
  const take = await member.inboxAt(reader, inbox);
  const token = Date.now() * 1000;
  expect(await vote(acquire(name, 'holder', token))).toBe('GRANTED');
  const answer = await vote(handOver(name, 'holder', 'waiter', token + 1, inbox));
  const [, , , holder] = (await vote(inspect(name))) as unknown[];
  return { answer, heard: await take(), holder };
}

describe('a lock on a member that is a Redis Cluster', () => {
  it('is handed over to a waiter that reads its inbox at the master that serves the lock', async () => {
    const { answer, heard, holder } = await handedTo(member.serving, 'here');
    expect({ answer, holder }).toEqual({ answer: 'HANDED', holder: 'waiter' });
    expect(heard).toEqual([expect.stringContaining('waiter handed ')]);
  });

  it('is not handed over to one at another master, which hears all the same what is published (S37)', async () => {
    const { answer, heard, holder } = await handedTo(member.other, 'there');
    expect({ answer, heard }).toEqual({ answer: 'RELEASED', heard: [] });
    expect(holder).not.toBe('waiter');
  });
});
