import { describe, expect, it, vi } from 'vitest';
import { InFlight } from '../../../lib/member/in-flight.js';
import { VirtualClock } from '../../support/virtual-clock.js';

function create() {
  const clock = new VirtualClock();
  const onOverdue = vi.fn();
  return { clock, onOverdue, inFlight: new InFlight(clock, 500, () => 10, onOverdue) };
}

describe('InFlight', () => {
  it('says nothing while each call is settled in time', async () => {
    const { clock, onOverdue, inFlight } = create();
    for (let i = 0; i < 10; i++) {
      const call = inFlight.add(() => undefined);
      await clock.advance(499);
      inFlight.settle(call);
    }
    await clock.advance(10_000);
    expect(onOverdue).not.toHaveBeenCalled();
    expect(clock.pendingTimers).toBe(0);
  });

  it('finds the oldest call overdue at its timeout', async () => {
    const { clock, onOverdue, inFlight } = create();
    inFlight.add(() => undefined);
    await clock.advance(500);
    expect(onOverdue).not.toHaveBeenCalled();
    await clock.advance(2);
    expect(onOverdue).toHaveBeenCalledTimes(1);
  });

  it('watches the next one when the oldest was settled', async () => {
    const { clock, onOverdue, inFlight } = create();
    const first = inFlight.add(() => undefined);
    await clock.advance(300);
    inFlight.add(() => undefined);
    inFlight.settle(first);
    await clock.advance(400);
    expect(onOverdue).not.toHaveBeenCalled();
    await clock.advance(102);
    expect(onOverdue).toHaveBeenCalledTimes(1);
  });

  it('uses one timer for any number of calls', () => {
    const { clock, inFlight } = create();
    for (let i = 0; i < 1000; i++) inFlight.add(() => undefined);
    expect(clock.pendingTimers).toBe(1);
  });

  it('lets answers be read first that lay in the socket while this process was paused', async () => {
    const { clock, onOverdue, inFlight } = create();
    const call = inFlight.add(() => undefined);
    clock.pause(60_000);
    // the first look after the pause; what was received is read before the second
    await clock.advance(0);
    inFlight.settle(call);
    await clock.advance(1000);
    expect(onOverdue).not.toHaveBeenCalled();
  });

  it('finds a call overdue in the second look after a pause when nothing was received', async () => {
    const { clock, onOverdue, inFlight } = create();
    inFlight.add(() => undefined);
    clock.pause(60_000);
    await clock.advance(0);
    expect(onOverdue).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(onOverdue).toHaveBeenCalledTimes(1);
  });

  it('gives up all calls when their connection is gone, each once, with the reason', async () => {
    const { clock, onOverdue, inFlight } = create();
    const givenUp: string[] = [];
    for (const id of [1, 2, 3]) inFlight.add((said) => givenUp.push(`${id}: ${said}`));
    inFlight.abandon('connection reset');
    inFlight.abandon('closed');
    expect(givenUp).toEqual(['1: connection reset', '2: connection reset', '3: connection reset']);
    await clock.advance(5000);
    expect(onOverdue).not.toHaveBeenCalled();
  });

  it('is slow after so many ms without any answer, and tells each call that is out', async () => {
    const { clock, inFlight } = create();
    const told: string[] = [];
    const first = inFlight.add(
      () => undefined,
      () => told.push('first'),
    );
    inFlight.add(
      () => undefined,
      () => told.push('second'),
    );
    await clock.advance(10);
    expect(inFlight.isSlow).toBe(false);
    await clock.advance(1);
    expect(inFlight.isSlow).toBe(true);
    expect(told).toEqual(['first', 'second']);
    inFlight.settle(first);
    expect(inFlight.isSlow).toBe(false);
  });

  it('is stalled from a fifth of the time-out on, until anything is answered', async () => {
    const { clock, onOverdue, inFlight } = create();
    const first = inFlight.add(() => undefined);
    inFlight.add(() => undefined);
    await clock.advance(100);
    expect(inFlight.isStalled).toBe(false);
    await clock.advance(1);
    expect(inFlight.isStalled).toBe(true);
    inFlight.settle(first);
    expect(inFlight.isStalled).toBe(false);
    await clock.advance(402);
    expect(inFlight.isStalled).toBe(true);
    expect(onOverdue).toHaveBeenCalledTimes(1);
    inFlight.abandon('no reply');
    expect(inFlight.isStalled).toBe(false);
  });

  it('is not stalled after a pause of this process when answers lay in the socket', async () => {
    const { clock, inFlight } = create();
    const call = inFlight.add(() => undefined);
    clock.pause(300);
    await clock.advance(0);
    expect(inFlight.isStalled).toBe(false);
    inFlight.settle(call);
    await clock.advance(1);
    expect(inFlight.isStalled).toBe(false);
  });
});
