import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { brisk } from './site/site-client.js';
import { Site } from './site/site.js';
import { ClientProcess } from './workload/client-process.js';

const lock = { ttl: 20_000, ttlMax: 20_000 };

describe('a client that is killed while it brings a member back', () => {
  it('is followed by another, which ends with the member voting and its leases kept', async () => {
    await using site = await Site.start();
    const fill = "for i = 1, 20000 do redis.call('SET', 'foreign:' .. i, '') end";
    await site.server(3).command('EVAL', fill, '0');
    const links = await site.openLinks();
    await using rejoiner = await ClientProcess.start({ ...brisk, lock, nodes: links.map(({ url }) => url) });
    const holder = await site.connect('holder', { lock });
    const held = await holder.acquireAt([2, 3, 4], 'seat', { autoExtend: false });
    await holder.cutFrom(2, 3, 4);
    // walking over member 3 takes a second
    links[2]!.slowDown(15);
    await site.restart(1);
    await eventually(() => rejoiner.events.some((event) => event.type === 'rejoin' && event.copied > 0));
    site.log.add('SIGKILL', 'rejoiner');
    await rejoiner.kill();
    expect(await site.isVoting(1)).toBe(false);
    const next = await site.join('next', { lock });
    await next.seesAllVoting();
    expect(await site.holderAt(1, 'seat')).toBe(held.holder);
    expect(held.isHeld).toBe(true);
  });
});

describe('a member that restarts again while it is brought back, and remembers the ticket', () => {
  it('is not kept waiting by the ticket of the client that brings it back itself', async () => {
    await using site = await Site.start({ persistence: 'always' });
    const client = await site.connect('client');
    const before = client.events.length;
    const phases = (): string[] =>
      client.events.slice(before).flatMap((event) => (event.type === 'rejoin' ? [event.phase] : []));
    await site.restart(1);
    await eventually(() => phases().includes('waits for operations in flight'));
    await site.restart(1);
    await client.seesAllVoting();
    expect(phases()).not.toContain('another client brings it back');
    expect(phases().at(-1)).toBe('done');
  });
});
