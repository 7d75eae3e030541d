import { describe, expect, it, onTestFinished } from 'vitest';
import { startLocalGroup, type LocalServer } from '../../lib/testing/index.js';
import { eventually } from '../support/eventually.js';
import { Site } from './site/site.js';

const longLeases = { ttl: 20_000, ttlMax: 20_000, pollInterval: 200 };

/** Another server takes the port of member 1, which is dead. */
async function takeOver(site: Site, replica: LocalServer): Promise<void> {
  await site.kill(1);
  await replica.command('REPLICAOF', 'NO', 'ONE');
  await replica.command('CONFIG', 'SET', 'port', String(site.server(1).port));
  site.log.add('replica promoted', 'redis-1');
}

async function startReplica(site: Site): Promise<LocalServer> {
  const spare = await startLocalGroup({ size: 1 });
  onTestFinished(() => spare.stop());
  const replica = spare.members[0]!;
  await replica.command('REPLICAOF', '127.0.0.1', String(site.server(1).port));
  await eventually(async () => String(await replica.command('INFO', 'replication')).includes('master_link_status:up'));
  return replica;
}

describe('a replica that is promoted in place of a member', () => {
  it('does not vote before it was brought up to date, though it replicated the marker', async () => {
    await using site = await Site.start();
    const holder = await site.connect('holder', { lock: longLeases });
    const rival = await site.connect('rival', { lock: longLeases });
    const replica = await startReplica(site);
    // from now on it lags behind
    await replica.command('REPLICAOF', 'NO', 'ONE');
    const lock = await holder.acquireAt([1, 2, 3], 'seat', { autoExtend: false });
    await rival.cutFrom(2, 3);
    await takeOver(site, replica);
    expect(await site.server(1).command('GET', 'majority:member')).toBeTruthy();
    await eventually(() => rival.stateOf(1) === 'rejoining');
    await expect(rival.locks.acquire('seat')).rejects.toMatchObject({ code: 'NO_QUORUM' });
    expect(await site.isVoting(1)).toBe(false);

    rival.restore(2, 3);
    await rival.sees('voting', 1);
    expect(await site.holderAt(1, 'seat')).toBe(lock.holder);
    await rival.cutFrom(2, 3);
    expect(await rival.locks.tryAcquire('seat')).toBeNull();
    expect(lock.isHeld).toBe(true);
  });
});

describe('two members that swap their addresses', () => {
  it('go on voting, each by what it knows, and neither is counted twice', async () => {
    await using site = await Site.start();
    const holder = await site.connect('holder', { lock: longLeases });
    const lock = await holder.acquireAt([1, 2, 3], 'seat', { autoExtend: false });
    const rival = await site.connect('rival', { lock: longLeases });
    const [one, four] = [site.server(1), site.server(4)];
    const incarnations = rival.status.status().members.map(({ incarnation }) => incarnation);
    const spare = await startLocalGroup({ size: 1 });
    const freePort = spare.members[0]!.port;
    await spare.stop();
    await one.command('CONFIG', 'SET', 'port', String(freePort));
    await four.command('CONFIG', 'SET', 'port', String(one.port));
    site.log.add('swap', 'redis-1 redis-4');
    // through the port it has for the moment
    const moved = spare.members[0]!;
    await moved.command('CONFIG', 'SET', 'port', String(four.port));
    // one link after the other: for a while both lead to one server
    rival.link(1).resetAll();
    await eventually(() => rival.stateOf(1) === 'down');
    expect(await rival.locks.tryAcquire('seat').catch(() => null)).toBeNull();
    rival.link(4).resetAll();
    await rival.seesAllVoting();
    const swapped = rival.status.status().members.map(({ incarnation }) => incarnation);
    expect(swapped).toEqual([incarnations[3], incarnations[1], incarnations[2], incarnations[0], incarnations[4]]);
    expect(await rival.locks.tryAcquire('seat')).toBeNull();
    expect(lock.isHeld).toBe(true);
  });
});
