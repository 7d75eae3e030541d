import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { brisk, type SiteClient } from './site/site-client.js';
import { Site } from './site/site.js';

/** ms that each of so many cycles of acquire and release takes. */
async function timeCycles(client: SiteClient, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now();
    const lock = await client.locks.acquire(`seat-${i}`);
    await lock.release();
    times.push(performance.now() - startedAt);
  }
  return times;
}

describe('a frozen member', () => {
  it('costs no operation a wait for it, is suspect, and votes again after it is thawed', async () => {
    await using site = await Site.start();
    const requestTimeout = 800;
    const client = await site.connect('client', { requestTimeout, maxOperationTime: 2000 });
    await using held = await client.locks.acquire('held');
    for (const frozen of site.memberNumbers) {
      site.freeze(frozen);
      // also the very first ones, when nobody knows yet
      const times = await timeCycles(client, 50);
      expect(Math.max(...times)).toBeLessThan(requestTimeout / 2);
      await client.sees('suspect', frozen);
      expect(client.inFlight(frozen)).toBe(0);
      site.thaw(frozen);
      await client.sees('voting', frozen);
    }
    expect(held.isHeld).toBe(true);
  });

  it('gives no second holder a lock by what it executes late, and what is left there ends with its lease', async () => {
    await using site = await Site.start();
    const late = await site.connect('late');
    const holder = await site.connect('holder');
    await site.warmUp(late);
    await late.cutFrom(4, 5);
    site.freeze(1);
    // granted by 2 and 3, refused by nobody, and on its way to 1
    await expect(late.locks.acquire('seat', { ttl: 1500 })).rejects.toMatchObject({ code: 'NO_QUORUM' });
    await eventually(async () => !(await site.holderAt(2, 'seat')) && !(await site.holderAt(3, 'seat')));
    await using lock = await holder.locks.acquire('seat');
    site.thaw(1);
    const leftover = await eventually(() => site.holderAt(1, 'seat'));
    expect(leftover).not.toBe(lock.holder);
    late.restore(4, 5);
    await late.seesAllVoting();
    expect(await late.locks.tryAcquire('seat')).toBeNull();
    expect((await late.locks.inspect('seat')).holders).toMatchObject([{ holder: lock.holder }]);
    // the holder's next extension heals the member once the leftover has ended
    await eventually(async () => (await site.holderAt(1, 'seat')) === lock.holder, { within: 1500 + brisk.lock.ttl });
    expect(lock.isHeld).toBe(true);
  });
});
