import { describe, expect, it } from 'vitest';
import { VirtualClock } from './virtual-clock.js';

describe('VirtualClock', () => {
  it('fires timers at their own moments, in the order of time and then of setting', async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name}@${clock.now()}`);
    clock.schedule(20, note('late'));
    clock.schedule(10, note('first'));
    clock.schedule(10, note('second'));
    clock.schedule(21, note('not yet'));
    await clock.advance(20);
    expect(fired).toEqual(['first@10', 'second@10', 'late@20']);
    expect(clock.now()).toBe(20);
    expect(clock.pendingTimers).toBe(1);
  });

  it('fires a timer that another timer, or what it resolved, set within the same advance', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    clock.schedule(5, () => {
      void Promise.resolve().then(() => clock.schedule(5, () => fired.push(clock.now())));
    });
    await clock.advance(10);
    expect(fired).toEqual([10]);
  });

  it('does not fire a cancelled timer', async () => {
    const clock = new VirtualClock();
    let isFired = false;
    clock.schedule(5, () => (isFired = true)).cancel();
    await clock.advance(10);
    expect(isFired).toBe(false);
  });

  it('fires after a pause what became due in it, at the time when the process goes on', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    clock.schedule(5, () => fired.push(clock.now()));
    clock.pause(100);
    expect(fired).toEqual([]);
    await clock.advance(0);
    expect(fired).toEqual([100]);
  });

  it('moves the wall clock with time, and apart from it when somebody sets it', async () => {
    const clock = new VirtualClock();
    const before = clock.wallUs();
    await clock.advance(3);
    expect(clock.wallUs() - before).toBe(3000);
    clock.shiftWall(-1000);
    expect(clock.wallUs() - before).toBe(3000 - 1_000_000);
    expect(clock.now()).toBe(3);
  });

  it('calls back after the turn, once all that is resolved has run', async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    await Promise.resolve();
    clock.afterTurn(() => order.push('after the turn'));
    void Promise.resolve().then(() => order.push('resolved'));
    order.push('turn');
    await clock.settle();
    expect(order).toEqual(['turn', 'resolved', 'after the turn']);
  });
});
