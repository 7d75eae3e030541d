import { describe, expect, it } from 'vitest';
import { Inbox } from '../../../lib/member/inbox.js';
import { FakeSubscription, FakeTransport } from '../../support/fake-transport.js';
import { VirtualClock } from '../../support/virtual-clock.js';

function create() {
  const clock = new VirtualClock();
  const transport = new FakeTransport();
  return { clock, transport, inbox: new Inbox('p:inbox:me', transport, clock, 1000) };
}

async function createOpen() {
  const world = create();
  const ready = world.inbox.ready();
  const subscription = new FakeSubscription();
  world.transport.subscriptions[0]!.succeed(subscription);
  expect(await ready).toBe(true);
  return { ...world, subscription, first: world.transport.subscriptions[0]! };
}

describe('Inbox', () => {
  it('subscribes at first use only, once for all who ask meanwhile', async () => {
    const { inbox, transport } = create();
    expect(transport.subscriptions).toHaveLength(0);
    const both = Promise.all([inbox.ready(), inbox.ready()]);
    expect(transport.subscriptions).toHaveLength(1);
    expect(transport.subscriptions[0]).toMatchObject({ channel: 'p:inbox:me', timeout: 1000 });
    transport.subscriptions[0]!.succeed(new FakeSubscription());
    expect(await both).toEqual([true, true]);
    expect(await inbox.ready()).toBe(true);
    expect(transport.subscriptions).toHaveLength(1);
  });

  it('hands the text of a message to whoever listens for its id, and drops others', async () => {
    const { inbox, first } = await createOpen();
    const heard: string[] = [];
    inbox.listen('a', (text) => heard.push(`a: ${text}`));
    inbox.listen('b', (text) => heard.push(`b: ${text}`));
    first.publish('a turn 17');
    first.publish('b turn 18');
    first.publish('unknown turn 19');
    first.publish('');
    inbox.unlisten('a');
    first.publish('a turn 20');
    expect(heard).toEqual(['a: turn 17', 'b: turn 18']);
  });

  it('is not ready when it cannot subscribe, and tries again after 250 ms at the earliest', async () => {
    const { inbox, transport, clock } = create();
    const ready = inbox.ready();
    transport.subscriptions[0]!.fail('connect ECONNREFUSED');
    expect(await ready).toBe(false);
    await clock.advance(249);
    expect(await inbox.ready()).toBe(false);
    expect(transport.subscriptions).toHaveLength(1);
    await clock.advance(1);
    const again = inbox.ready();
    expect(transport.subscriptions).toHaveLength(2);
    transport.subscriptions[1]!.succeed(new FakeSubscription());
    expect(await again).toBe(true);
  });

  it('subscribes anew when it is wanted after its connection ended', async () => {
    const { inbox, transport, first } = await createOpen();
    first.end('connection reset');
    const again = inbox.ready();
    expect(transport.subscriptions).toHaveLength(2);
    transport.subscriptions[1]!.succeed(new FakeSubscription());
    expect(await again).toBe(true);
  });

  it('closes its subscription when the member is found dead or hung', async () => {
    const { inbox, subscription } = await createOpen();
    inbox.reset();
    expect(subscription.isClosed).toBe(true);
  });

  it('keeps one subscription when the member was lost while it subscribed and it is wanted again', async () => {
    const { inbox, transport } = create();
    const subscriptions = [new FakeSubscription(), new FakeSubscription()];
    void inbox.ready();
    inbox.reset();
    const again = inbox.ready();
    transport.subscriptions.forEach((attempt, index) => attempt.succeed(subscriptions[index]!));
    expect(await again).toBe(true);
    inbox.close();
    expect(subscriptions.map(({ isClosed }) => isClosed).slice(0, transport.subscriptions.length)).not.toContain(false);
  });

  it('keeps the new subscription when the end of the old connection is noticed late', async () => {
    const { inbox, transport, first } = await createOpen();
    inbox.reset();
    const again = inbox.ready();
    const second = new FakeSubscription();
    transport.subscriptions[1]!.succeed(second);
    await again;
    first.end('connection closed');
    expect(second.isClosed).toBe(false);
    expect(await inbox.ready()).toBe(true);
    expect(transport.subscriptions).toHaveLength(2);
  });

  it('stays closed, and closes a subscription that comes late', async () => {
    const { inbox, transport } = create();
    const ready = inbox.ready();
    inbox.close();
    const late = new FakeSubscription();
    transport.subscriptions[0]!.succeed(late);
    expect(await ready).toBe(false);
    expect(late.isClosed).toBe(true);
    expect(await inbox.ready()).toBe(false);
    expect(transport.subscriptions).toHaveLength(1);
  });
});
