import { describe, expect, it } from 'vitest';
import { InvalidOptionsError, LockLostError, NoQuorumError } from '../../../lib/errors.js';
import { HeldLock, type Grant } from '../../../lib/lock/held-lock.js';
import type { LockOptions } from '../../../lib/lock/lock-options.js';
import { resolveLockModuleOptions, resolveLockOptions } from '../../../lib/lock/resolve-lock-options.js';
import { validityOf } from '../../../lib/quorum/validity.js';
import { FakeLockRequests } from '../../support/fake-lock-requests.js';

const ttl = 3000;
const token = 1_732_345_678_901_234;
const module = resolveLockModuleOptions();

/** A lock that was granted now. */
function hold(options: LockOptions = {}, isContended = false, more: Partial<Grant> = {}) {
  const fake = new FakeLockRequests();
  const told: string[] = [];
  const listener = {
    onLost: (_: HeldLock, error: LockLostError) => told.push(`lost: ${error.reason}`),
    onEnded: () => told.push('ended'),
  };
  const claim = { keys: ['a', 'b'], holder: 'h', mode: 'exclusive' } as const;
  const grant = {
    token,
    askedAt: fake.clock.now(),
    validUntil: fake.clock.now() + validityOf(options.ttl ?? ttl),
    isContended,
    ...more,
  };
  const resolved = resolveLockOptions(module, { ttl, ...options });
  const lock = new HeldLock(fake.requests, claim, resolved, grant, 60_000, listener);
  return { fake, clock: fake.clock, lock, told };
}

/** Lets time pass; the members answer every extension within 10 ms; `undefined` stands for suspect members. */
async function advanceAnswering({ fake, clock }: ReturnType<typeof hold>, ms: number, reply: 'EXTENDED' | undefined) {
  const end = clock.now() + ms;
  let answered = fake.sent.length;
  while (clock.now() < end) {
    await clock.advance(Math.min(10, end - clock.now()));
    for (; answered < fake.sent.length; answered++) fake.sent[answered]!.answerAll(reply);
    await clock.settle();
  }
}

describe('a held lock', () => {
  it('tells keys, token, mode and holder, and that it is held', () => {
    const { lock } = hold();
    expect(lock).toMatchObject({ keys: ['a', 'b'], token, mode: 'exclusive', holder: 'h', isHeld: true });
    expect(lock.remaining).toBe(validityOf(ttl));
    expect(lock.signal.aborted).toBe(false);
  });

  it('extends itself at ttl/3, for its token and ttl', async () => {
    const { fake, clock, lock } = hold();
    await clock.advance(999);
    expect(fake.sent).toHaveLength(0);
    await clock.advance(1);
    expect(fake.last).toMatchObject({ verb: 'extend', terms: { token, lease: ttl } });
    fake.last.answerAll('EXTENDED');
    await clock.settle();
    expect(lock.remaining).toBe(validityOf(ttl));
  });

  it('goes on extending itself as long as a quorum confirms', async () => {
    const world = hold();
    await advanceAnswering(world, 20 * ttl, 'EXTENDED');
    expect(world.lock.isHeld).toBe(true);
    expect(world.told).toEqual([]);
    const { length } = world.fake.sentOf('extend');
    expect(length).toBeGreaterThanOrEqual(58);
    expect(length).toBeLessThanOrEqual(60);
  });

  it('counts its new validity from when the members were asked, not from when they answered', async () => {
    const { fake, clock, lock } = hold();
    await clock.advance(1000);
    await clock.advance(400);
    fake.last.answerAll('EXTENDED');
    await clock.settle();
    expect(lock.remaining).toBe(validityOf(ttl) - 400);
  });

  it('stays held with a quorum of confirmations, whatever the rest says', async () => {
    const { fake, clock, lock } = hold();
    await clock.advance(1000);
    fake.last.answer(undefined, 'EXTENDED', 'EXTENDED');
    await clock.settle();
    expect(lock.remaining).toBe(validityOf(ttl));
  });

  it('tries again while it is valid when no quorum confirmed', async () => {
    const { fake, clock, lock } = hold();
    await clock.advance(1000);
    fake.last.answer(undefined, undefined, 'EXTENDED');
    await clock.advance(149);
    expect(fake.sent).toHaveLength(1);
    await clock.advance(1);
    expect(fake.sent).toHaveLength(2);
    fake.last.answerAll('EXTENDED');
    await clock.settle();
    expect(lock.remaining).toBe(validityOf(ttl));
  });

  it('is not held any more at the moment its validity ends, also before any timer ran (S11)', () => {
    const { clock, lock } = hold();
    clock.pause(validityOf(ttl) - 0.001);
    expect(lock.isHeld).toBe(true);
    clock.pause(0.001);
    expect(lock.isHeld).toBe(false);
    expect(lock.remaining).toBe(0);
  });

  it('is lost when its validity passes without a quorum: the signal aborts with the reason (S11)', async () => {
    const world = hold();
    const { lock, told, clock } = world;
    const { signal } = lock;
    await advanceAnswering(world, validityOf(ttl) - 20, undefined);
    expect(signal.aborted).toBe(false);
    await advanceAnswering(world, 40, undefined);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(LockLostError);
    expect(signal.reason).toMatchObject({ keys: ['a', 'b'], token, reason: 'validity-passed' });
    expect((signal.reason as LockLostError).members[0]).toEqual({ member: 'redis-1', said: 'suspect' });
    expect(told).toEqual(['lost: validity-passed']);
    expect(lock.isHeld).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is lost at the end of its validity also while an extension is still out (S11)', async () => {
    const { lock, clock, told } = hold({ ttl: 300 });
    const { signal } = lock;
    await clock.advance(validityOf(300) - 0.1);
    expect(signal.aborted).toBe(false);
    await clock.advance(2);
    expect(told).toEqual(['lost: validity-passed']);
    expect(signal.aborted).toBe(true);
  });

  it('does not come back to life with a confirmation that came after its validity (S11)', async () => {
    const { fake, lock, clock } = hold();
    await clock.advance(1000);
    clock.pause(ttl);
    fake.last.answerAll('EXTENDED');
    await clock.advance(1);
    expect(lock.isHeld).toBe(false);
    expect(lock.signal.aborted).toBe(true);
  });

  it('has a signal that is aborted, with the same reason, when it is first looked at after the loss', async () => {
    const { lock, clock } = hold({ autoExtend: false });
    await clock.advance(ttl);
    expect(lock.signal.aborted).toBe(true);
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', reason: 'validity-passed' });
  });

  it('does not extend itself with autoExtend off, and is lost when its validity passes', async () => {
    const { fake, clock, told } = hold({ autoExtend: false });
    await clock.advance(validityOf(ttl) - 1);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['lost: validity-passed']);
    expect(fake.sent).toHaveLength(0);
  });

  it('stops extending itself once held for maxHold, and is lost with that reason', async () => {
    const world = hold({ maxHold: 2500 });
    await advanceAnswering(world, 2500, 'EXTENDED');
    expect(world.fake.sentOf('extend')).toHaveLength(2);
    expect(world.lock.isHeld).toBe(true);
    await advanceAnswering(world, ttl, 'EXTENDED');
    expect(world.fake.sentOf('extend')).toHaveLength(2);
    expect(world.told).toEqual(['lost: max-hold']);
    expect(world.lock.signal.reason).toMatchObject({ reason: 'max-hold' });
  });

  it('keeps no more than one timer', async () => {
    const world = hold();
    await advanceAnswering(world, 5 * ttl, 'EXTENDED');
    expect(world.clock.pendingTimers).toBe(1);
  });
});

describe('extending by hand', () => {
  it('renews for the ttl it was acquired with, or for the one given, also later', async () => {
    const { fake, lock, clock } = hold({ autoExtend: false });
    await clock.advance(500);
    let extended = lock.extend();
    await clock.settle();
    expect(fake.last.terms.lease).toBe(ttl);
    fake.last.answerAll('EXTENDED');
    await extended;
    expect(lock.remaining).toBe(validityOf(ttl));
    extended = lock.extend(9000);
    await clock.settle();
    fake.last.answerAll('EXTENDED');
    await extended;
    expect(lock.remaining).toBe(validityOf(9000));
  });

  it('moves the next automatic extension', async () => {
    const { fake, lock, clock } = hold();
    await clock.advance(900);
    const extended = lock.extend(6000);
    await clock.settle();
    fake.last.answerAll('EXTENDED');
    await extended;
    await clock.advance(1999);
    expect(fake.sent).toHaveLength(1);
    await clock.advance(1);
    expect(fake.sent).toHaveLength(2);
    expect(fake.last.terms.lease).toBe(6000);
  });

  it.each([49, 60_001, 1.5, '5s'])('refuses a ttl of %j before anything is sent', async (given) => {
    const { fake, lock } = hold();
    await expect(lock.extend(given as number)).rejects.toThrow(InvalidOptionsError);
    expect(fake.sent).toHaveLength(0);
  });

  it('throws NoQuorumError when no quorum confirmed though it is still held', async () => {
    const { fake, lock, clock } = hold();
    const failed = expect(lock.extend()).rejects.toThrow(NoQuorumError);
    await clock.settle();
    fake.last.answer(undefined, undefined, 'EXTENDED');
    await failed;
    expect(lock.isHeld).toBe(true);
  });

  it('throws LockLostError once it is lost', async () => {
    const { lock, clock, told } = hold({ autoExtend: false });
    await clock.advance(ttl);
    await expect(lock.extend()).rejects.toMatchObject({ code: 'LOCK_LOST', reason: 'validity-passed' });
    expect(told).toEqual(['lost: validity-passed']);
  });

  it('notices the loss itself when it comes before the timer, after a pause of the process', async () => {
    const { fake, lock, clock, told } = hold();
    const { signal } = lock;
    clock.pause(ttl);
    await expect(lock.extend()).rejects.toBeInstanceOf(LockLostError);
    expect(signal.aborted).toBe(true);
    expect(told).toEqual(['lost: validity-passed']);
    expect(fake.sent).toHaveLength(0);
  });

  it('throws LockLostError with the reason "released" after a release', async () => {
    const { fake, lock } = hold();
    const released = lock.release();
    fake.last.answerAll('RELEASED');
    await released;
    await expect(lock.extend()).rejects.toMatchObject({ code: 'LOCK_LOST', reason: 'released' });
    expect(fake.sentOf('extend')).toHaveLength(0);
  });

  it('runs one extension after the other', async () => {
    const { fake, lock, clock } = hold();
    const first = lock.extend(1000);
    const second = lock.extend(2000);
    await clock.settle();
    expect(fake.sent).toHaveLength(1);
    fake.last.answerAll('EXTENDED');
    await first;
    await clock.settle();
    expect(fake.sent).toHaveLength(2);
    fake.last.answerAll('EXTENDED');
    await second;
    expect(fake.sent).toHaveLength(2);
    expect(lock.remaining).toBe(validityOf(ttl));
  });
});

describe('releasing', () => {
  it('is told to all members, and is confirmed by a quorum: released', async () => {
    const { fake, lock, clock, told } = hold();
    const outcome = lock.release();
    expect(lock.isHeld).toBe(false);
    expect(told).toEqual(['ended']);
    expect(fake.last).toMatchObject({ verb: 'release', terms: { keep: 0 } });
    fake.last.answer('RELEASED', 'ABSENT', undefined);
    expect(await outcome).toBe('released');
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not abort the signal, which ends with the work it protects', async () => {
    const { fake, lock } = hold();
    const { signal } = lock;
    const outcome = lock.release();
    fake.last.answerAll('RELEASED');
    await outcome;
    expect(signal.aborted).toBe(false);
  });

  it('looks at the line in the same step when others were seen to want it', () => {
    for (const isContended of [false, true]) {
      const { fake, lock } = hold({}, isContended);
      void lock.release();
      expect(fake.last.terms.isContended).toBe(isContended);
    }
  });

  it('is "released" also when a member adds that somebody waits', async () => {
    const { fake, lock } = hold();
    const outcome = lock.release();
    fake.last.answer('ABSENT', 'LINED', 'ABSENT');
    expect(await outcome).toBe('released');
  });

  it('is "unconfirmed" when fewer than a quorum answered', async () => {
    const { fake, lock } = hold();
    const outcome = lock.release();
    fake.last.answer('RELEASED', undefined, undefined);
    expect(await outcome).toBe('unconfirmed');
  });

  it('is "expired" when no member held it any more', async () => {
    const { fake, lock } = hold();
    const outcome = lock.release();
    fake.last.answerAll('ABSENT');
    expect(await outcome).toBe('expired');
  });

  it('is "expired" when it was lost before, and lets go of what members may still hold', async () => {
    const { fake, lock, clock } = hold({ autoExtend: false });
    await clock.advance(ttl);
    const outcome = lock.release();
    fake.last.answerAll('RELEASED');
    expect(await outcome).toBe('expired');
  });

  it('gives the outcome of the first call a second time, and sends nothing again', async () => {
    const { fake, lock, told } = hold();
    const outcomes = [lock.release(), lock.release()];
    fake.last.answerAll('RELEASED');
    expect(await Promise.all(outcomes)).toEqual(['released', 'released']);
    expect(await lock.release()).toBe('released');
    await lock[Symbol.asyncDispose]();
    expect(fake.sentOf('release')).toHaveLength(1);
    expect(told).toEqual(['ended']);
  });

  it('happens at the end of an await using block', async () => {
    const { fake, lock } = hold();
    const disposed = lock[Symbol.asyncDispose]();
    fake.last.answerAll('RELEASED');
    await disposed;
    expect(fake.sentOf('release')).toHaveLength(1);
  });

  it('ends the automatic extension, also one that is out', async () => {
    const { fake, lock, clock, told } = hold();
    await clock.advance(1000);
    const extension = fake.last;
    const outcome = lock.release();
    extension.answerAll('EXTENDED');
    fake.last.answerAll('RELEASED');
    await outcome;
    await clock.advance(10 * ttl);
    expect(lock.isHeld).toBe(false);
    expect(fake.sentOf('extend')).toHaveLength(1);
    expect(told).toEqual(['ended']);
  });

  it('leaves it taken for what is left of minHold', async () => {
    const { fake, lock, clock } = hold({ minHold: 800 });
    await clock.advance(300);
    void lock.release();
    expect(fake.last.terms.keep).toBe(500);
  });

  it('lets it go at once when minHold is over', async () => {
    const { fake, lock, clock } = hold({ minHold: 800 });
    await clock.advance(801);
    void lock.release();
    expect(fake.last.terms.keep).toBe(0);
  });

  it('keeps members holding for what is left of minHold when it extends to less', async () => {
    const { fake, lock, clock } = hold({ minHold: 5000, ttl: 300, autoExtend: false });
    await clock.advance(100);
    void lock.extend();
    await clock.settle();
    expect(fake.last.terms.lease).toBe(4900);
    fake.last.answerAll('EXTENDED');
    await clock.settle();
    expect(lock.remaining).toBeCloseTo(validityOf(300));
  });
});

describe('a lock that was handed over', () => {
  const brief = { validUntil: validityOf(500), isBrief: true };

  it('is extended to its whole ttl when it is still held after 20 ms', async () => {
    const { fake, clock, lock } = hold({}, true, brief);
    expect(lock.remaining).toBe(validityOf(500));
    await clock.advance(19);
    expect(fake.sent).toHaveLength(0);
    await clock.advance(1);
    expect(fake.last).toMatchObject({ verb: 'extend', terms: { token, lease: ttl } });
    fake.last.answerAll('EXTENDED');
    await clock.settle();
    expect(lock.remaining).toBe(validityOf(ttl));
    await clock.advance(999);
    expect(fake.sent).toHaveLength(1);
  });

  it('is lost with its brief lease when no quorum extends it, having asked several times', async () => {
    const world = hold({}, true, brief);
    await advanceAnswering(world, 499, undefined);
    expect(world.told).toEqual(['lost: validity-passed']);
    expect(world.fake.sentOf('extend').length).toBeGreaterThan(4);
  });
});

describe('letting go with somebody in line', () => {
  const next = { holder: 'w', channel: 'p:inbox:c', since: -100 };

  it('hands the lock over under a token above its own, with a brief lease', async () => {
    const { fake, lock, told } = hold({}, true, { behind: { next } });
    const outcome = lock.release();
    expect(fake.last).toMatchObject({ verb: 'hand over', terms: { to: 'w', lease: 500 } });
    expect(fake.last.terms.token).toBeGreaterThan(token);
    fake.last.answerAll('HANDED');
    expect(await outcome).toBe('released');
    expect(told).toEqual(['ended']);
  });

  it.each([
    ['that has waited for too long', {}, { ...next, since: -150 }, 0],
    ['while it is to stay taken', { minHold: 1000 }, next, 0],
    ['though the lock is lost', { autoExtend: false }, next, ttl],
  ])('only releases, %s', async (_, options, behind, passed) => {
    const { fake, clock, lock } = hold(options, true, { behind: { next: behind } });
    await clock.advance(passed);
    void lock.release();
    expect(fake.last).toMatchObject({ verb: 'release' });
  });
});
