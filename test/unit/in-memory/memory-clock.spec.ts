import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemoryClock } from '../../../lib/in-memory/memory-clock.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('the clock of in-memory groups', () => {
  it('moves with fake timers, and with leaps of the date forward', () => {
    vi.useFakeTimers();
    const clock = createMemoryClock();
    const began = clock.now();
    vi.advanceTimersByTime(1500);
    expect(clock.now()).toBe(began + 1500);
    vi.setSystemTime(Date.now() + 60_000);
    expect(clock.now()).toBe(began + 61_500);
  });

  it('never goes back, whatever the date is set to', () => {
    vi.useFakeTimers();
    const clock = createMemoryClock();
    const began = clock.now();
    vi.setSystemTime(0);
    expect(clock.now()).toBe(began);
    vi.advanceTimersByTime(10);
    expect(clock.now()).toBe(began + 10);
    vi.useRealTimers();
    expect(clock.now()).toBeGreaterThanOrEqual(began + 10);
  });

  it('gives later µs to who asks later, also within one ms, and never leaves that ms', () => {
    vi.useFakeTimers();
    const clock = createMemoryClock();
    const asked = Array.from({ length: 3000 }, () => clock.wallUs());
    expect(asked.slice(0, 900)).toEqual(asked.slice(0, 900).toSorted((a, b) => a - b));
    expect(new Set(asked.slice(0, 900)).size).toBe(900);
    expect(asked.at(-1)! - asked[0]!).toBeLessThan(1000);
  });

  it('calls nobody whose timer was cancelled, though the timers were replaced meanwhile', () => {
    const clock = createMemoryClock();
    vi.useFakeTimers();
    const called = vi.fn();
    const timer = clock.schedule(10, called);
    vi.useRealTimers();
    timer.cancel();
    vi.useFakeTimers();
    clock.schedule(10, called);
    vi.advanceTimersByTime(20);
    expect(called).toHaveBeenCalledTimes(1);
  });

  it('needs no timer to call after the turn', async () => {
    vi.useFakeTimers();
    const called = vi.fn();
    createMemoryClock().afterTurn(called);
    expect(called).not.toHaveBeenCalled();
    await Promise.resolve();
    await Promise.resolve();
    expect(called).toHaveBeenCalledTimes(1);
  });
});
