import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import {
  InvalidOptionsError,
  isMajorityRedisError,
  LeaseLostError,
  LockLostError,
  LockUnavailableError,
  MajorityRedisError,
  NoQuorumError,
  OutcomeUnknownError,
  StaleTokenError,
  UnrecoverableMessageError,
  type AnyMajorityRedisError,
  type MajorityRedisErrorCode,
} from '../../lib/errors.js';

const members = [
  { member: 'redis-1', said: 'granted' },
  { member: 'redis-3', said: 'suspect' },
];

const errors = [
  new NoQuorumError('lock "seat:12"', 2, 3, members, 200),
  new LockUnavailableError(['a', 'b'], ['b'], 750, members, 0),
  new LockLostError(['a'], 17, 'validity-passed', members),
  new StaleTokenError('row 7', 16, 17),
  new OutcomeUnknownError('stock', members),
  new InvalidOptionsError('ttl', 'a whole number of ms from 50 to 60000', '"5s"'),
  new LeaseLostError('mail', 'm-1', 18, 'refused', members),
  new UnrecoverableMessageError('no such address'),
] as const satisfies readonly AnyMajorityRedisError[];

describe('the message', () => {
  it('of no quorum says what was tried, how many are needed, what each member said and when to try again', () => {
    expect(errors[0].message).toBe(
      'No quorum for lock "seat:12": 2 of 3 members needed (redis-1 granted, redis-3 suspect). Retry after 200 ms.',
    );
  });

  it('of an unavailable lock names the refused keys, and the wait if there was one', () => {
    expect(errors[1].message).toBe(
      'Lock "b" is held by another (redis-1 granted, redis-3 suspect). Retry after 750 ms.',
    );
    const waited = new LockUnavailableError(['a', 'b'], ['a', 'b'], 750, [], 3000);
    expect(waited.message).toContain('Lock "a", "b" is held by another after waiting 3000 ms');
  });

  it.each([
    ['validity-passed', 'its validity passed before a quorum extended it'],
    ['max-hold', 'it was held for maxHold'],
    ['released', 'it was released before'],
  ] as const)('of a lock that was lost for %s says why', (reason, text) => {
    const error = new LockLostError(['a'], 17, reason, []);
    expect(error.message).toContain('Lock "a" with token 17 was lost: ');
    expect(error.message).toContain(text);
    expect(error.message).not.toContain('()');
  });

  it('of a lost lease names queue, message and why', () => {
    expect(errors[6].message).toBe(
      'Lease of message m-1 of queue "mail" with token 18 was lost: a quorum did not accept this holder any more ' +
        '(redis-1 granted, redis-3 suspect).',
    );
  });

  it('of a stale token names both tokens', () => {
    expect(errors[3].message).toBe('Token 16 is stale for "row 7": a later holder wrote with token 17.');
  });

  it('of an invalid option names option, what is allowed and what was given', () => {
    expect(errors[5].message).toBe('ttl must be a whole number of ms from 50 to 60000, got "5s"');
  });
});

describe('an error of this package', () => {
  it.each(errors.map((error) => [error.name, error] as const))(
    '%s is an Error with its own name and a brand',
    (_, error) => {
      expect(error).toBeInstanceOf(Error);
      expect(error).toBeInstanceOf(MajorityRedisError);
      expect(error.name).toBe(error.constructor.name);
      expect(isMajorityRedisError(error)).toBe(true);
    },
  );

  it('keeps its facts as fields, and the cause', () => {
    const cause = new Error('socket');
    const error = new NoQuorumError('start', 3, 5, members, 200, { cause });
    expect(error).toMatchObject({ attempted: 'start', quorum: 3, groupSize: 5, members, retryAfter: 200, cause });
    expect(errors[1]).toMatchObject({ keys: ['a', 'b'], refusedKeys: ['b'], retryAfter: 750, waited: 0 });
    expect(errors[2]).toMatchObject({ keys: ['a'], token: 17, reason: 'validity-passed' });
    expect(errors[3]).toMatchObject({ resource: 'row 7', token: 16, latestToken: 17 });
  });

  it('carries a code of its own, and the union of codes has each of them', () => {
    expect(errors.map(({ code }) => code)).toEqual([
      'NO_QUORUM',
      'LOCK_UNAVAILABLE',
      'LOCK_LOST',
      'STALE_TOKEN',
      'OUTCOME_UNKNOWN',
      'INVALID_OPTIONS',
      'LEASE_LOST',
      'UNRECOVERABLE_MESSAGE',
    ]);
    expectTypeOf<MajorityRedisErrorCode>().toEqualTypeOf<(typeof errors)[number]['code']>();
  });

  it('is narrowed by its code', () => {
    const describeIt = (error: AnyMajorityRedisError): string => {
      switch (error.code) {
        case 'NO_QUORUM':
        case 'LOCK_UNAVAILABLE':
          return `again in ${error.retryAfter}`;
        case 'LOCK_LOST':
        case 'LEASE_LOST':
          return error.reason;
        case 'STALE_TOKEN':
          return error.resource;
        case 'OUTCOME_UNKNOWN':
          return error.key;
        case 'INVALID_OPTIONS':
          return error.option;
        case 'UNRECOVERABLE_MESSAGE':
          return error.message;
      }
    };
    expect(errors.map(describeIt)).toEqual([
      'again in 200',
      'again in 750',
      'validity-passed',
      'row 7',
      'stock',
      'ttl',
      'refused',
      'no such address',
    ]);
  });

  it('is recognised across two copies of the package, where instanceof fails', async () => {
    vi.resetModules();
    const copy = await import('../../lib/errors.js');
    const foreign = new copy.StaleTokenError('row', 1, 2);
    expect(foreign).not.toBeInstanceOf(MajorityRedisError);
    expect(isMajorityRedisError(foreign)).toBe(true);
    expect(copy.isMajorityRedisError(errors[0])).toBe(true);
  });

  it.each([[new Error('other')], [null], [undefined], ['NO_QUORUM'], [{ code: 'NO_QUORUM' }], [7]])(
    'is not %o',
    (other) => {
      expect(isMajorityRedisError(other)).toBe(false);
    },
  );
});
