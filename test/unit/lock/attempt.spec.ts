import { describe, expect, it } from 'vitest';
import { abandon, attempt } from '../../../lib/lock/attempt.js';
import type { Approach } from '../../../lib/lock/lock-requests.js';
import { validityOf } from '../../../lib/quorum/validity.js';
import { FakeLockRequests } from '../../support/fake-lock-requests.js';

const claim = { keys: ['a', 'b'], holder: 'h', mode: 'exclusive' } as const;
const ttl = 1000;
const direct = { kind: 'direct', lineMs: 0 } as const;
const turn = { kind: 'turn' } as const;

function create(groupSize = 3, approach: Approach = direct) {
  const fake = new FakeLockRequests(groupSize);
  return { fake, clock: fake.clock, result: attempt(fake.requests, claim, ttl, ttl, approach) };
}

describe('an attempt', () => {
  it('is granted with the votes of a quorum, and valid from when they were asked for', async () => {
    const { fake, clock, result } = create();
    await clock.advance(100);
    fake.last.answer('GRANTED', 'GRANTED');
    expect(await result).toEqual({
      kind: 'granted',
      claim: fake.last.claim,
      token: fake.last.terms.token,
      askedAt: 0,
      validUntil: validityOf(ttl),
      isContended: false,
    });
    expect(fake.sent).toHaveLength(1);
  });

  it('asks with a token of the hybrid clock, for the lease and by the approach it was given', async () => {
    const { fake } = create();
    expect(fake.last.terms).toEqual({ token: fake.clock.wallUs(), lease: ttl, approach: direct });
  });

  it('that was granted with a turn knows that others want the lock', async () => {
    const { fake, result } = create(3, turn);
    fake.last.answer('GRANTED', 'GRANTED');
    expect(await result).toMatchObject({ kind: 'granted', isContended: true });
  });

  it('is not granted when its validity passed while votes were collected (S11)', async () => {
    const { fake, clock, result } = create();
    clock.pause(validityOf(ttl));
    fake.last.answer('GRANTED', 'GRANTED');
    const found = await result;
    expect(found.kind).toBe('no-quorum');
    abandon(fake.requests, claim, found);
    expect(fake.last.verb).toBe('release');
  });

  it('is refused with the keys that members named and the time until a quorum may be free', async () => {
    const { fake, result } = create(5);
    fake.last.answer(['HELD', 700, 0], ['HELD', 300, 1], ['HELD', 900, 0], ['HELD', 500, 1], ['HELD', 100, 1]);
    // after 500 ms three of the five are free
    expect(await result).toMatchObject({ kind: 'refused', waitMs: 500, isSplit: false });
    const found = await result;
    expect(found.kind === 'refused' && [...found.refused].sort()).toEqual([0, 1]);
  });

  it('is split when some member granted', async () => {
    const { fake, result } = create();
    fake.last.answer('GRANTED', ['HELD', 700, 0], ['HELD', 300, 0]);
    expect(await result).toMatchObject({ kind: 'refused', isSplit: true });
  });

  it('is split when members know only of a line and of no holder', async () => {
    const { fake, result } = create();
    fake.last.answer(['LINE', 0], ['LINE', 0], ['LINE', 0]);
    expect(await result).toMatchObject({ kind: 'refused', isSplit: true, waitMs: 0 });
  });

  it('asks again at once with a higher token when members have seen a later one', async () => {
    const { fake, clock, result } = create();
    const seen = clock.wallUs() + 5_000_000;
    fake.last.answer(['STALE', String(seen)], ['STALE', String(seen - 7)]);
    await clock.settle();
    expect(fake.sentOf('grant')).toHaveLength(2);
    expect(fake.last.terms.token).toBe(seen + 1);
    fake.last.answer('GRANTED', 'GRANTED');
    expect(await result).toMatchObject({ kind: 'granted', token: seen + 1 });
  });

  it('does not ask again when a quorum could not grant a higher token either', async () => {
    const { fake, clock, result } = create();
    fake.last.answer(['STALE', String(clock.wallUs() + 5)], ['HELD', 10, 0], ['HELD', 10, 0]);
    expect(await result).toMatchObject({ kind: 'refused' });
    expect(fake.sentOf('grant')).toHaveLength(1);
  });

  it('gives up after five tokens that were all too low', async () => {
    const { fake, clock, result } = create();
    for (let i = 0; i < 5; i++) {
      fake.last.answerAll(['STALE', String(clock.wallUs() + 5_000_000 * (i + 1))]);
      await clock.settle();
    }
    expect(await result).toMatchObject({ kind: 'refused', refused: [] });
    expect(fake.sentOf('grant')).toHaveLength(5);
  });

  it('goes by the clocks of a quorum of members that found the token over a day ahead', async () => {
    const { fake, clock, result } = create();
    const memberUs = clock.wallUs() - 3 * 86_400_000_000;
    fake.last.answer(['CLOCK', String(memberUs)], ['CLOCK', String(memberUs + 10)]);
    await clock.settle();
    expect(fake.last.terms.token).toBeGreaterThan(memberUs);
    expect(fake.last.terms.token).toBeLessThan(memberUs + 1_000_000);
    fake.last.answer('GRANTED', 'GRANTED');
    expect(await result).toMatchObject({ kind: 'granted' });
  });

  it('does not go by the clock of a single member, which may be the wrong one', async () => {
    const { fake, clock, result } = create();
    const before = fake.last.terms.token!;
    fake.last.answer(['CLOCK', '1000'], 'GRANTED', ['HELD', 5, 0]);
    await clock.settle();
    expect(fake.last.terms.token).toBeGreaterThan(before);
    fake.last.answer('GRANTED', 'GRANTED');
    await result;
  });

  it('has no quorum when too few can vote, and does not ask again', async () => {
    const { fake, result } = create();
    fake.last.answer(undefined, ['STALE', '99999999999999'], undefined);
    expect(await result).toMatchObject({ kind: 'no-quorum' });
    expect(fake.sent).toHaveLength(1);
  });
});

describe('abandoning an attempt', () => {
  it.each([
    ['a member granted', ['GRANTED', ['HELD', 1, 0], ['HELD', 1, 0]]],
    [
      'a member has not answered, as its grant may be on its way',
      [
        ['HELD', 1, 0],
        ['HELD', 1, 0],
      ],
    ],
    ['a member gave no reply, as it may have granted', [['HELD', 1, 0], ['HELD', 1, 0], undefined]],
  ])('lets go everywhere when %s', async (_, replies) => {
    const { fake, result } = create();
    fake.last.answer(...replies);
    abandon(fake.requests, claim, await result);
    expect(fake.last).toMatchObject({ verb: 'release', claim });
  });

  it('sends nothing when every member refused', async () => {
    const { fake, result } = create();
    fake.last.answerAll(['HELD', 1, 0]);
    await new Promise(setImmediate);
    abandon(fake.requests, claim, await result);
    expect(fake.sentOf('release')).toHaveLength(0);
  });

  it('leaves a grant alone', async () => {
    const { fake, result } = create();
    fake.last.answerAll('GRANTED');
    abandon(fake.requests, claim, await result);
    expect(fake.sentOf('release')).toHaveLength(0);
  });
});
