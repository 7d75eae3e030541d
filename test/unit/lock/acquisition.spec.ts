import { describe, expect, it } from 'vitest';
import { LockUnavailableError, NoQuorumError } from '../../../lib/errors.js';
import { Acquisition } from '../../../lib/lock/acquisition.js';
import type { LockOptions } from '../../../lib/lock/lock-options.js';
import { resolveLockModuleOptions, resolveLockOptions } from '../../../lib/lock/resolve-lock-options.js';
import { FakeLockRequests } from '../../support/fake-lock-requests.js';

const module = resolveLockModuleOptions();
const listener = { onLost: () => undefined, onEnded: () => undefined };
const held = ['HELD', 700, 0];

/** An acquisition that does not wait, under way. */
function acquire(options: LockOptions = {}, keys = ['a'], closing = new AbortController()) {
  const fake = new FakeLockRequests(5);
  const resolved = resolveLockOptions(module, options);
  const acquisition = new Acquisition(fake.requests, keys, resolved, module, closing.signal, listener, () => undefined);
  return { fake, clock: fake.clock, result: acquisition.run().catch((error: unknown) => error) };
}

/** What the last requests left behind: members that granted and were not told to let go afterwards. */
function leftovers({ sent }: FakeLockRequests): number {
  const lastGrant = sent.findLastIndex(({ fanOut }) =>
    fanOut.answers.some((a) => a?.kind === 'reply' && a.reply === 'GRANTED'),
  );
  const isReleased = sent.slice(lastGrant + 1).some(({ verb }) => verb === 'release');
  return lastGrant === -1 || isReleased ? 0 : 1;
}

describe('an acquisition of several keys that waits', () => {
  it('does not wait for the parts to be let go once the whole is granted: its validity would pass meanwhile', async () => {
    const { fake, clock, result } = acquire({ waitFor: 1000 }, ['a', 'b']);
    // without a quorum it looks again instead of standing in line
    Object.assign(fake.group, { votingCount: 0, members: [], keys: { inbox: () => 'inbox' } });
    fake.last.answerAll(held);
    for (const keys of [['a'], ['b'], ['a', 'b']]) {
      await clock.settle();
      expect(fake.last).toMatchObject({ verb: 'grant', claim: { keys } });
      fake.last.answerAll('GRANTED');
    }
    expect(await result).toMatchObject({ kind: 'granted', claim: { keys: ['a', 'b'] } });
    expect(fake.sentOf('release').map(({ claim }) => claim.keys)).toEqual([['a'], ['b']]);
  });
});

describe('an acquisition that does not wait', () => {
  it('is granted in one round when the lock is free', async () => {
    const { fake, result } = acquire();
    fake.last.answerAll('GRANTED');
    expect(await result).toMatchObject({ kind: 'granted', token: fake.last.terms.token, claim: { keys: ['a'] } });
    expect(fake.sent).toHaveLength(1);
  });

  it('asks for a lease of minHold where that is longer than the ttl', () => {
    expect(acquire({ ttl: 100, minHold: 5000 }).fake.last.terms.lease).toBe(5000);
    expect(acquire({ ttl: 6000, minHold: 5000 }).fake.last.terms.lease).toBe(6000);
  });

  it('throws LockUnavailableError at once when a quorum holds it for another', async () => {
    const { fake, result } = acquire();
    fake.last.answerAll(held);
    const error = await result;
    expect(error).toBeInstanceOf(LockUnavailableError);
    expect(error).toMatchObject({ keys: ['a'], refusedKeys: ['a'], retryAfter: 700, waited: 0 });
    expect(fake.sent).toHaveLength(1);
  });

  it('names only those of several keys that were refused', async () => {
    const { fake, result } = acquire({}, ['a', 'b', 'c']);
    fake.last.answerAll(['HELD', 700, 1]);
    expect(await result).toMatchObject({ keys: ['a', 'b', 'c'], refusedKeys: ['b'] });
  });

  it('throws NoQuorumError with what each member said, and lets go of what it was granted', async () => {
    const { fake, clock, result } = acquire();
    fake.last.answer('GRANTED', undefined, undefined, undefined, 'GRANTED');
    await clock.advance(1);
    const error = await result;
    expect(error).toBeInstanceOf(NoQuorumError);
    expect((error as NoQuorumError).members.map(({ said }) => said)).toContain('suspect');
    expect(fake.last.verb).toBe('release');
  });

  it('asks home who goes first when votes were split, and takes it with the turn', async () => {
    const { fake, clock, result } = acquire();
    fake.homeSays.push({ word: 'TURN', token: 17 });
    fake.last.answer('GRANTED', 'GRANTED', held, held, held);
    await clock.settle();
    expect(fake.sent.map(({ verb }) => verb)).toEqual(['grant', 'release', 'grant']);
    expect(fake.last.terms.approach).toEqual({ kind: 'turn' });
    fake.last.answerAll('GRANTED');
    expect(await result).toMatchObject({ kind: 'granted' });
  });

  it('gives up when home keeps saying that another goes first, with nothing left behind', async () => {
    const { fake, clock, result } = acquire();
    for (let round = 0; round < 6; round++) fake.homeSays.push({ word: 'HELD', waitMs: 900 });
    fake.last.answer('GRANTED', 'GRANTED', held, held, held);
    await clock.advance(100);
    expect(await result).toMatchObject({ code: 'LOCK_UNAVAILABLE', retryAfter: 900 });
    expect(leftovers(fake)).toBe(0);
  });

  it('asks home again when it says that another goes first: that one may give up as well', async () => {
    const { fake, clock, result } = acquire();
    fake.homeSays.push({ word: 'HELD', waitMs: 900 }, { word: 'TURN', token: 17 });
    fake.last.answer('GRANTED', 'GRANTED', held, held, held);
    await clock.advance(5);
    fake.last.answerAll('GRANTED');
    expect(await result).toMatchObject({ kind: 'granted' });
  });

  it('leaves nothing behind when it had the turn in vain and home then says that another goes first', async () => {
    const { fake, clock, result } = acquire();
    fake.homeSays.push({ word: 'TURN', token: 17 }, { word: 'HELD', waitMs: 900 });
    fake.last.answer('GRANTED', 'GRANTED', held, held, held);
    await clock.settle();
    fake.last.answer('GRANTED', 'GRANTED', held, held, held);
    await clock.advance(100);
    expect(await result).toBeInstanceOf(LockUnavailableError);
    expect(leftovers(fake)).toBe(0);
  });

  it('asks under a new holder whenever it gave votes up: a late release must find nothing of a later attempt', async () => {
    const { fake, clock, result } = acquire();
    fake.homeSays.push({ word: 'TURN', token: 17 });
    fake.last.answer('GRANTED', 'GRANTED', held, held, held);
    await clock.settle();
    fake.last.answerAll('GRANTED');
    await result;
    const [given, kept] = fake.sentOf('grant').map(({ claim }) => claim.holder);
    expect(fake.sentOf('release').map(({ claim }) => claim.holder)).toEqual([given]);
    expect(kept).not.toBe(given);
  });

  it('gives up after four rounds of split votes, lets go, and gives each turn back', async () => {
    const { fake, clock, result } = acquire();
    for (let i = 0; i < 4; i++) fake.homeSays.push({ word: 'TURN', token: 17 });
    for (let i = 0; i < 5; i++) {
      fake.last.answer('GRANTED', 'GRANTED', held, held, held);
      await clock.advance(50);
    }
    expect(await result).toBeInstanceOf(LockUnavailableError);
    expect(fake.sentOf('grant')).toHaveLength(5);
    expect(leftovers(fake)).toBe(0);
    expect(fake.left).toHaveLength(4);
  });

  it('throws the reason at once when the signal aborts while votes are out, and lets go of what it is granted then', async () => {
    const controller = new AbortController();
    const { fake, clock, result } = acquire({ signal: controller.signal });
    const reason = new Error('closed');
    controller.abort(reason);
    expect(await result).toBe(reason);
    fake.last.answerAll('GRANTED');
    await clock.settle();
    expect(fake.last.verb).toBe('release');
  });

  it('is not begun when the service is closing', async () => {
    const closing = new AbortController();
    const reason = new Error('closing');
    closing.abort(reason);
    const { fake, result } = acquire({}, ['a'], closing);
    expect(await result).toBe(reason);
    expect(fake.sent).toHaveLength(0);
  });
});
