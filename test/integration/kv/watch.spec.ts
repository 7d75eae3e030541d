import { describe, expect, it, onTestFinished } from 'vitest';
import { startLocalGroup } from '../../../lib/testing/index.js';
import { Clients } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

describe('watch', () => {
  it('leaves nothing behind at the members when it ends', async () => {
    const clients = new Clients();
    await using group = await startLocalGroup({ size: 3 });
    onTestFinished(() => clients.close());
    const { kv } = await clients.connect(group.urls);
    const listeners = (): Promise<unknown[]> =>
      Promise.all(group.members.map((member) => member.command('EXISTS', 'majority:kv-listeners:watched')));
    const subscription = kv.watch('watched').subscribe();
    await eventually(async () => (await listeners()).every((count) => count === 1));
    subscription.unsubscribe();
    await eventually(async () => (await listeners()).every((count) => count === 0));
    expect(await kv.get('watched')).toBeNull();
  });
});
