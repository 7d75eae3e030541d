import { describe, expect, it } from 'vitest';
import { Pace } from '../../../lib/queue/pace.js';
import { VirtualClock } from '../../support/virtual-clock.js';

describe('the pace at which messages come to a consumer', () => {
  it.each([
    { gap: 0.2, isSlow: false },
    { gap: 1.5, isSlow: false },
    { gap: 3, isSlow: true },
    { gap: 1000, isSlow: true },
  ])('is slow when they come at least 2 ms apart: $gap ms, $isSlow', async ({ gap, isSlow }) => {
    const clock = new VirtualClock();
    const pace = new Pace(clock);
    expect(pace.isSlow).toBe(true);
    for (let count = 0; count < 30; count++) {
      pace.note();
      await clock.advance(gap);
    }
    expect(pace.isSlow).toBe(isSlow);
  });

  it('is known to be fast soon after a long pause, and slow again after the next one', async () => {
    const clock = new VirtualClock();
    const pace = new Pace(clock);
    for (let count = 0; count < 12; count++) {
      pace.note();
      await clock.advance(0.1);
    }
    expect(pace.isSlow).toBe(false);
    await clock.advance(60_000);
    pace.note();
    expect(pace.isSlow).toBe(true);
  });
});
