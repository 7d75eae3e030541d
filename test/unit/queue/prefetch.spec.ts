import { describe, expect, it } from 'vitest';
import { Prefetch } from '../../../lib/queue/prefetch.js';
import { VirtualClock } from '../../support/virtual-clock.js';

function create(concurrency: number, fixed?: number) {
  const clock = new VirtualClock();
  const prefetch = new Prefetch(clock, concurrency, fixed);
  /** A round of leasing takes `roundMs`, in which handlers end so many messages. */
  const round = async (roundMs: number, ended: number): Promise<number> => {
    const askedAt = clock.now();
    await clock.advance(roundMs);
    for (let message = 0; message < ended; message++) prefetch.noteEnded();
    prefetch.adapt(askedAt);
    return prefetch.count;
  };
  const rounds = async (count: number, roundMs: number, ended: number): Promise<number> => {
    for (let index = 0; index < count; index++) await round(roundMs, ended);
    return prefetch.count;
  };
  return { clock, prefetch, round, rounds };
}

describe('Prefetch', () => {
  it('begins with as many as may be out, and never goes below', async () => {
    const { prefetch, rounds } = create(16);
    expect(prefetch.count).toBe(16);
    expect(await rounds(20, 5, 0)).toBe(16);
  });

  it('goes up to what handlers end in 10 ms, or in two rounds of leasing when these take longer', async () => {
    expect(await create(1).rounds(50, 2, 10)).toBe(50);
    expect(await create(1).rounds(50, 20, 100)).toBe(200);
  });

  it('has a limit', async () => {
    expect(await create(1).rounds(50, 2, 1000)).toBe(256);
    expect(await create(1000).rounds(50, 2, 1000)).toBe(1000);
  });

  it('comes down at once after a long time in which little ended', async () => {
    const { clock, rounds, round } = create(2);
    expect(await rounds(50, 2, 100)).toBe(256);
    await clock.advance(200);
    expect(await round(2, 1)).toBe(2);
  });

  it('is what the consumer says, where it says so', async () => {
    const { prefetch, rounds } = create(4, 7);
    expect(await rounds(50, 2, 1000)).toBe(7);
    expect(prefetch.keptMax).toBe(7);
    expect(create(4, 0).prefetch.count).toBe(0);
  });
});
