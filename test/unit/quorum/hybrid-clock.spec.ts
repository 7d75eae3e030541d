import { describe, expect, it } from 'vitest';
import { HybridClock } from '../../../lib/quorum/hybrid-clock.js';
import { VirtualClock } from '../../support/virtual-clock.js';

const dayMs = 86_400_000;

function create(): { clock: VirtualClock; hybrid: HybridClock } {
  const clock = new VirtualClock();
  return { clock, hybrid: new HybridClock(clock) };
}

describe('HybridClock', () => {
  it('gives the wall clock in µs', async () => {
    const { clock, hybrid } = create();
    expect(hybrid.next()).toBe(clock.wallUs());
    await clock.advance(5);
    expect(hybrid.next()).toBe(clock.wallUs());
  });

  it('grows by one while the wall clock stands still', () => {
    const { clock, hybrid } = create();
    expect([hybrid.next(), hybrid.next(), hybrid.next()]).toEqual([0, 1, 2].map((more) => clock.wallUs() + more));
  });

  it('still grows when the wall clock is set back', () => {
    const { clock, hybrid } = create();
    const before = hybrid.next();
    clock.shiftWall(-3 * dayMs);
    expect(hybrid.next()).toBe(before + 1);
    expect(hybrid.next()).toBe(before + 2);
  });

  it('goes above a number that a member has seen, and stays there', () => {
    const { clock, hybrid } = create();
    const seen = clock.wallUs() + 60_000_000;
    hybrid.observe(seen);
    expect(hybrid.next()).toBe(seen + 1);
    hybrid.observe(seen - 10);
    expect(hybrid.next()).toBe(seen + 2);
  });

  it('goes by the clocks of members that found its own over a day ahead', async () => {
    const { clock, hybrid } = create();
    const memberUs = clock.wallUs();
    clock.shiftWall(3 * dayMs);
    hybrid.next();
    hybrid.correct(memberUs);
    expect(hybrid.next()).toBe(memberUs + 1);
    await clock.advance(10);
    expect(hybrid.next()).toBe(memberUs + 10_000);
  });

  it('does not go below numbers that members may have granted, when it is corrected', () => {
    const { clock, hybrid } = create();
    const memberUs = clock.wallUs();
    const granted = memberUs + 3_600_000_000;
    hybrid.observe(granted);
    hybrid.correct(memberUs);
    expect(hybrid.next()).toBe(granted + 1);
  });

  it('gives safe integers until the year 2255', () => {
    const { clock, hybrid } = create();
    clock.shiftWall(Date.UTC(2255, 0, 1) - clock.wallUs() / 1000);
    expect(Number.isSafeInteger(hybrid.next())).toBe(true);
  });
});
