import { describe, expect, it } from 'vitest';
import { Prefetch } from '../../../lib/queue/prefetch.js';
import { VirtualClock } from '../../support/virtual-clock.js';

function create(fixed?: number) {
  const clock = new VirtualClock();
  const prefetch = new Prefetch(clock, fixed);
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
  it('begins with none, and stays there while nothing ends', async () => {
    const { prefetch, rounds } = create();
    expect(prefetch.count).toBe(0);
    expect(await rounds(20, 5, 0)).toBe(0);
  });

  it('is none as soon as nothing has ended for a while, so that nothing waits behind a slow handler', async () => {
    const { clock, prefetch, rounds } = create();
    expect(await rounds(50, 2, 10)).toBe(50);
    await clock.advance(100);
    expect(prefetch.count).toBe(50);
    await clock.advance(1);
    expect(prefetch.count).toBe(0);
    prefetch.noteEnded();
    expect(prefetch.count).toBe(50);
  });

  it('goes up to what handlers end in 10 ms, or in two rounds of leasing when these take longer', async () => {
    expect(await create().rounds(50, 2, 10)).toBe(50);
    expect(await create().rounds(50, 20, 100)).toBe(200);
  });

  it('has a limit', async () => {
    expect(await create().rounds(50, 2, 1000)).toBe(256);
  });

  it('comes down at once after a long time in which little ended', async () => {
    const { clock, rounds, round } = create();
    expect(await rounds(50, 2, 100)).toBe(256);
    await clock.advance(200);
    expect(await round(2, 1)).toBeLessThan(3);
  });

  it('is what the consumer says, where it says so', async () => {
    const { prefetch, rounds } = create(7);
    expect(await rounds(50, 2, 1000)).toBe(7);
    expect(prefetch.keptMax).toBe(7);
    expect(create(0).prefetch.count).toBe(0);
  });
});
