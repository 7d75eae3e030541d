import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadVotingScript } from '../../../lib/quorum/scripts.js';
import { queueKeys } from '../../../lib/queue/queue-requests.js';
import type { LocalServer } from '../../../lib/testing/index.js';
import { ClusterMember } from '../../support/cluster-member.js';
import { messageId, record } from '../../support/queue-member.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const messages = loadVotingScript(new URL('../../../lib/queue/lua/messages.lua', import.meta.url));

let member: ClusterMember;
beforeAll(async () => {
  member = await ClusterMember.start();
});
afterAll(() => member[Symbol.asyncDispose]());

/** Puts a message for a consumer that stands there and reads its inbox at one of the two masters. */
async function handedTo(reader: LocalServer, queue: string): Promise<{ heard: string[]; second: unknown }> {
  const ask = (text: string): Promise<unknown> =>
    member.vote(messages, queueKeys(member.groupKeys, queue), 0, `01 ${text}`);
  const inbox = `p:inbox:${queue}`;
  const take = await member.inboxAt(reader, inbox);
  const id = messageId(Date.now() * 1000);
  await ask(`I${inbox} consumer 500`);
  expect(await ask(`P${queue.length} ${queue}${id} 0 ${record().length} ${record()}`)).toMatch(/^A /);
  return { heard: await take(), second: await ask(`F1000 second ${Date.now() * 1000} 1 0  1 ${id}`) };
}

describe('a message on a member that is a Redis Cluster', () => {
  it('is handed out to a consumer that reads its inbox at the master that serves the queue', async () => {
    const { heard, second } = await handedTo(member.serving, 'here');
    expect(heard).toEqual([expect.stringContaining('consumer leased ')]);
    expect(second).toMatch(/^L\d+$/);
  });

  it('is not handed out to one at another master, which hears all the same what is published (S37)', async () => {
    expect(await handedTo(member.other, 'there')).toEqual({ heard: [], second: 'G' });
  });
});
