import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { brisk } from './site/site-client.js';
import { Site } from './site/site.js';
import { ClientProcess } from './workload/client-process.js';
import { FencedResource } from './workload/fenced-resource.js';

/** On a busy machine a client is not stopped within the shorter time-out of the others, by which it would give up before. */
const patient = { requestTimeout: 1000, maxOperationTime: 2000 };

describe('a client process that is stopped for longer than its ttl', () => {
  it('has no lock when it goes on, is told so, and its late write is refused by a fenced resource (S11)', async () => {
    await using site = await Site.start();
    const other = await site.connect('other');
    await using sleeper = await ClientProcess.start({ ...brisk, nodes: site.group.urls });
    const resource = new FencedResource();
    const before = await sleeper.acquire('seat', { ttl: 600 });
    if (!('value' in before)) throw new Error(JSON.stringify(before));
    const { token } = before.value!;
    resource.write(token);

    site.log.add('SIGSTOP', 'sleeper');
    sleeper.stop();
    await using next = await other.locks.acquire('seat', { waitFor: 5000 });
    resource.write(next.token);
    const firstLook = sleeper.look();
    site.log.add('SIGCONT', 'sleeper');
    sleeper.continue();

    expect(await firstLook).toMatchObject({ token, isHeld: false });
    expect(() => resource.write(token)).toThrow(expect.objectContaining({ code: 'STALE_TOKEN' }));
    await eventually(async () => (await sleeper.look()).lost === 'LOCK_LOST');
    expect(next.isHeld).toBe(true);
    expect(sleeper.unhandled).toEqual([]);
  });

  it('does not count votes it finds in its sockets, as one of them may be of a member that forgot since (S05)', async () => {
    await using site = await Site.start();
    const rival = await site.connect('rival', { ...patient, lock: { ttl: 5000, ttlMax: 20_000, pollInterval: 200 } });
    const links = await site.openLinks();
    await using sleeper = await ClientProcess.start({
      ...brisk,
      ...patient,
      lock: { ttl: 20_000, ttlMax: 20_000 },
      nodes: links.map(({ url }) => url),
    });
    // so that the servers know the script: it would take a second round trip else
    await sleeper.acquire('warm-up', { ttl: 500 });
    await eventually(async () => !(await site.holdersOf('warm-up')).includes(undefined));
    for (const link of links.slice(3)) link.cut();
    await eventually(() => ['redis-4', 'redis-5'].every((name) => isDown(sleeper, name)));

    // the vote of member 1 is given, those of 2 and 3 are on their way to them
    links[0]!.silence('replies');
    for (const link of links.slice(1, 3)) link.silence('requests');
    const late = sleeper.acquire('seat');
    await eventually(() => site.holderAt(1, 'seat'), { every: 1 });
    site.log.add('SIGSTOP', 'sleeper');
    sleeper.stop();
    await site.flush(1);
    // whoever asks finds that it forgot, and brings it back
    await (await rival.locks.acquire('another')).release();
    await rival.sees('rejoining', 1);
    await rival.sees('voting', 1);
    await rival.cutFrom(2, 3);
    await using taken = await rival.locks.acquire('seat', { waitFor: 1000 });

    for (const link of links.slice(0, 3)) link.restore();
    await eventually(async () => (await site.holderAt(2, 'seat')) && (await site.holderAt(3, 'seat')));
    site.log.add('SIGCONT', 'sleeper');
    sleeper.continue();
    expect(await late).toMatchObject({ code: expect.stringMatching(/NO_QUORUM|LOCK_UNAVAILABLE/) });
    expect(taken.isHeld).toBe(true);
  });
});

function isDown({ events }: ClientProcess, member: string): boolean {
  const last = events.filter((event) => event.type === 'member' && event.member === member).at(-1);
  return last?.type === 'member' && last.state !== 'voting';
}
