import 'reflect-metadata';
import { SetMetadata } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { getMajorityLockMetadata } from '../../../lib/nest/lock-metadata.accessor.js';
import { allowed } from '../../../lib/nest/messages.js';
import { WithMajorityLock } from '../../../lib/nest/with-majority-lock.decorator.js';
import type { LockKeySource } from '../../../lib/nest/lock-key.js';
import type { WithMajorityLockOptions } from '../../../lib/nest/with-majority-lock-options.js';

class Seats {
  @SetMetadata('above', 1)
  @WithMajorityLock('seat:{0}', { ttl: 5000, onBusy: 'skip' })
  @SetMetadata('below', 2)
  async sell(seat: string, buyer: string): Promise<string> {
    return `${seat} ${buyer}`;
  }

  @WithMajorityLock(['a', 'b'])
  @WithMajorityLock('c', { group: 'audit', onBusy: 'wait' })
  twice(): void {}

  free(): void {}
}

describe('@WithMajorityLock()', () => {
  it('keeps name, length and metadata of decorators on both sides', () => {
    const { sell } = Seats.prototype;
    expect(sell.name).toBe('sell');
    expect(sell).toHaveLength(2);
    expect(Reflect.getMetadata('above', sell)).toBe(1);
    expect(Reflect.getMetadata('below', sell)).toBe(2);
    expect(Reflect.getMetadata('design:paramtypes', Seats.prototype, 'sell')).toEqual([String, String]);
  });

  it('shows tools which methods are locked, and how', () => {
    expect(getMajorityLockMetadata(Seats.prototype.sell)).toEqual([
      { key: 'seat:{0}', group: 'default', onBusy: 'skip', lock: { ttl: 5000 } },
    ]);
    expect(getMajorityLockMetadata(Seats.prototype.twice)).toEqual([
      { key: ['a', 'b'], group: 'default', onBusy: 'throw', lock: {} },
      { key: 'c', group: 'audit', onBusy: 'wait', lock: { waitFor: 10_000 } },
    ]);
    expect(getMajorityLockMetadata(Seats.prototype.free)).toEqual([]);
  });

  it('rejects a call on an instance that Nest did not make', async () => {
    await expect(new Seats().sell('A1', 'Ada')).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: `the instance of Seats.sell() must be ${allowed.caller}, got one made elsewhere`,
    });
    const { sell } = new Seats();
    await expect(sell('A1', 'Ada')).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  it.each<[string, unknown, object | undefined, string]>([
    ['an unknown onBusy', 'k', { onBusy: 'retry' }, "'throw' or 'wait' or 'skip'"],
    ['a wait that does not wait', 'k', { onBusy: 'wait', waitFor: 0 }, allowed.waitFor],
    ['an empty group', 'k', { group: '' }, allowed.group],
    ['an unknown option', 'k', { tll: 100 }, 'an object with ttl'],
    ['a ttl that no group allows', 'k', { ttl: 10 }, 'a whole number of ms from 50'],
    ['a number as key', 12, undefined, allowed.key],
    ['no keys', [], undefined, allowed.key],
    ['a key that is no string', ['a', 1], undefined, allowed.key],
    ['no key', undefined, undefined, allowed.key],
  ])('refuses %s where it decorates', (_, key, options, message) => {
    expect(() => WithMajorityLock(key as LockKeySource, options as WithMajorityLockOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining(message) as string }),
    );
  });

  it('refuses what is no method of an instance', () => {
    const decorate = WithMajorityLock('k') as (target: object, name: string, descriptor?: PropertyDescriptor) => void;
    const error = expect.objectContaining({ code: 'INVALID_OPTIONS', allowed: allowed.target }) as Error;
    expect(() => decorate(Seats, 'create', { value: () => {} })).toThrow(error);
    expect(() => decorate(Seats.prototype, 'size', { get: () => 1 })).toThrow(error);
    expect(() => decorate(Seats.prototype, 'name')).toThrow(error);
  });
});
