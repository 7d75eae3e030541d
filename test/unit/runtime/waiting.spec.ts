import { describe, expect, it, vi } from 'vitest';
import { bounded } from '../../../lib/runtime/bounded.js';
import { pause } from '../../../lib/runtime/pause.js';
import { VirtualClock } from '../../support/virtual-clock.js';

describe('bounded', () => {
  it('gives what the promise gives in time, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const onTimeout = vi.fn();
    expect(await bounded(clock, Promise.resolve(7), 100, 'too late', onTimeout)).toBe(7);
    await expect(bounded(clock, Promise.reject(new Error('no')), 100, 'too late', onTimeout)).rejects.toThrow('no');
    await clock.settle();
    expect(clock.pendingTimers).toBe(0);
    expect(onTimeout).not.toHaveBeenCalled();
  });

  it('rejects with the message once the time is over, and lets go of what would come', async () => {
    const clock = new VirtualClock();
    const onTimeout = vi.fn();
    const late = bounded(clock, new Promise(() => undefined), 100, 'too late', onTimeout);
    const failed = expect(late).rejects.toThrow('too late');
    await clock.advance(99);
    expect(onTimeout).not.toHaveBeenCalled();
    await clock.advance(1);
    await failed;
    expect(onTimeout).toHaveBeenCalledTimes(1);
  });
});

describe('pause', () => {
  async function isOver(paused: Promise<void>, clock: VirtualClock): Promise<boolean> {
    let over = false;
    void paused.then(() => (over = true));
    await clock.settle();
    return over;
  }

  it('ends after its delay', async () => {
    const clock = new VirtualClock();
    const paused = pause(clock, 100);
    await clock.advance(99);
    expect(await isOver(paused, clock)).toBe(false);
    await clock.advance(1);
    expect(await isOver(paused, clock)).toBe(true);
  });

  it('ends at once when the signal aborts, or was aborted, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const paused = pause(clock, 100, controller.signal);
    expect(await isOver(paused, clock)).toBe(false);
    controller.abort();
    expect(await isOver(paused, clock)).toBe(true);
    expect(await isOver(pause(clock, 100, controller.signal), clock)).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });
});
