import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../../lib/errors.js';
import type { Backoff } from '../../../lib/queue/queue.js';
import {
  checkCallerId,
  checkDelay,
  checkLease,
  checkQueueName,
  queueDefaults,
  resolveConsumeOptions,
  resolveGetOptions,
  resolvePage,
  resolvePurge,
  resolvePutOptions,
  resolveQueueDefaults,
  resolveQueueModuleOptions,
} from '../../../lib/queue/resolve-queue-options.js';
import { refusalOf } from '../../support/refusal-of.js';

const day = 86_400_000;
const year = 365 * day;
const module = resolveQueueModuleOptions();
const queue = resolveQueueDefaults(module);

/** Takes both bounds and what lies between, and nothing beyond, in no other form. */
function expectWhole(resolve: (value: never) => unknown, option: string, min: number, max: number): void {
  for (const value of [min, max]) resolve(value as never);
  for (const value of [min - 1, max + 1, min + 0.5, String(min), Number.NaN, Infinity, null, {}, true]) {
    const error = refusalOf(() => resolve(value as never));
    expect(error.option).toBe(option);
    expect(error.allowed).toContain(`from ${min} to ${max}`);
    expect(error.message).toContain(option);
  }
}

describe('queue options of the module', () => {
  it('have a default each', () => {
    expect(resolveQueueModuleOptions()).toEqual(queueDefaults);
    expect(resolveQueueModuleOptions({ lease: undefined })).toMatchObject({ lease: 30_000 });
    expect(Object.isFrozen(module)).toBe(true);
  });

  it.each([
    ['lease', 200, 60_000],
    ['maxAttempts', 1, 1000],
    ['maxBodyBytes', 1, 16_777_216],
    ['pollInterval', 50, 60_000],
    ['antiEntropyInterval', 100, 3_600_000],
    ['idRetention', 60_000, 30 * day],
  ])('%s may be %i to %i and nothing beyond', (option, min, max) => {
    expectWhole((value) => resolveQueueModuleOptions({ [option]: value }), `queue.${option}`, min, max);
  });

  it('let a lease be as long as leaseMax', () => {
    expectWhole((leaseMax) => resolveQueueModuleOptions({ leaseMax, lease: 200 }), 'queue.leaseMax', 1000, day);
    expect(resolveQueueModuleOptions({ lease: 90_000, leaseMax: 90_000 })).toMatchObject({ lease: 90_000 });
    expect(refusalOf(() => resolveQueueModuleOptions({ lease: 90_001, leaseMax: 90_000 })).option).toBe('queue.lease');
  });

  it('name an option that does not exist, what is no object, and a codec that is none', () => {
    expect(refusalOf(() => resolveQueueModuleOptions({ leese: 5 } as never)).given).toBe('"leese"');
    for (const options of [null, 7, 'x', []]) {
      expect(refusalOf(() => resolveQueueModuleOptions(options as never))).toMatchObject({
        option: 'queue',
        allowed: 'an object',
      });
    }
    for (const codec of [null, {}, { encode: () => '' }, 'json']) {
      expect(refusalOf(() => resolveQueueModuleOptions({ codec } as never))).toMatchObject({
        option: 'queue.codec',
        allowed: 'an object with encode() and decode()',
      });
    }
  });
});

describe('defaults of one queue', () => {
  it('go before the module’s, and what is left out is the module’s', () => {
    const own = resolveQueueModuleOptions({ lease: 5000, maxAttempts: 2 });
    expect(resolveQueueDefaults(own, { maxAttempts: 9, lease: undefined })).toMatchObject({
      lease: 5000,
      maxAttempts: 9,
    });
    expect(Object.isFrozen(resolveQueueDefaults(own))).toBe(true);
  });

  it('are checked, under their own names', () => {
    expectWhole((lease) => resolveQueueDefaults(module, { lease }), 'lease', 200, 60_000);
    expectWhole((maxAttempts) => resolveQueueDefaults(module, { maxAttempts }), 'maxAttempts', 1, 1000);
    expect(refusalOf(() => resolveQueueDefaults(module, { pollInterval: 50 } as never)).given).toBe('"pollInterval"');
  });
});

describe('a backoff', () => {
  const shape = "an object with type 'fixed' or 'exponential', and delay in ms";
  const resolve = (backoff: unknown) => resolveQueueDefaults(module, { backoff: backoff as Backoff }).backoff;

  it('is fixed or exponential, with what belongs to it, or a function', () => {
    expect(resolve({ type: 'fixed', delay: 5 })).toEqual({ type: 'fixed', delay: 5, jitter: 0 });
    expect(resolve({ type: 'exponential', delay: 5, max: 9, jitter: 1 })).toEqual({
      type: 'exponential',
      delay: 5,
      max: 9,
      jitter: 1,
    });
    const own = (): number => 7;
    expect(resolve(own)).toBe(own);
  });

  it.each([
    [{ type: 'fixed' }, 'backoff.delay', `a whole number of ms from 0 to ${year}`],
    [{ type: 'fixed', delay: -1 }, 'backoff.delay', `a whole number of ms from 0 to ${year}`],
    [{ type: 'fixed', delay: 5, max: 9 }, 'backoff.max', 'left out of a fixed backoff'],
    [{ type: 'exponential', delay: 5, max: year + 1 }, 'backoff.max', `a whole number of ms from 0 to ${year}`],
    [{ type: 'exponential', delay: 5, jitter: 1.01 }, 'backoff.jitter', 'a number from 0 to 1'],
    [{ type: 'exponential', delay: 5, jitter: Number.NaN }, 'backoff.jitter', 'a number from 0 to 1'],
    [{ type: 'linear', delay: 5 }, 'backoff.type', "'fixed' or 'exponential'"],
    [{ type: 'fixed', delay: 5, factor: 2 }, 'backoff', 'an object with type, delay, max, jitter'],
    [{ type: 'linear', interval: 5 }, 'backoff', 'an object with type, delay, max, jitter'],
    [{ type: 'linear' }, 'backoff.type', "'fixed' or 'exponential'"],
    [null, 'backoff', `${shape}, or a function of the attempt`],
    [1000, 'backoff', `${shape}, or a function of the attempt`],
    ['exponential', 'backoff', `${shape}, or a function of the attempt`],
  ])('is refused as %j', (backoff, option, allowed) => {
    expect(refusalOf(() => resolve(backoff))).toMatchObject({ option, allowed });
  });
});

describe('options of a put', () => {
  it('take no function as backoff, as it could not travel with the message', () => {
    const backoff = (() => 5) as never;
    expect(refusalOf(() => resolvePutOptions(queue, { backoff })).allowed).toBe(
      "an object with type 'fixed' or 'exponential', and delay in ms",
    );
  });

  it('have a default each, the queue’s where it has one', () => {
    expect(resolvePutOptions(queue)).toEqual({
      id: undefined,
      group: '',
      priority: 0,
      delay: 0,
      maxAttempts: 5,
      backoff: queue.backoff,
      trace: '',
    });
    const withFunction = resolveQueueDefaults(module, { backoff: () => 5, maxAttempts: 3 });
    // a function is the consumer's
    expect(resolvePutOptions(withFunction)).toMatchObject({ backoff: undefined, maxAttempts: 3 });
  });

  it('have bounds', () => {
    expectWhole((priority) => resolvePutOptions(queue, { priority }), 'priority', -1_000_000, 1_000_000);
    expectWhole((delay) => resolvePutOptions(queue, { delay }), 'delay', 0, year);
    expectWhole((maxAttempts) => resolvePutOptions(queue, { maxAttempts }), 'maxAttempts', 1, 1000);
  });

  it.each(['id', 'group'] as const)(
    'take any name as %s but empty, long, with control characters or half a pair',
    (name) => {
      for (const good of ['a', 'ä€😀', 'x'.repeat(512), ' ', '0 5 ']) {
        expect(resolvePutOptions(queue, { [name]: good })).toMatchObject({ [name]: good });
      }
      for (const bad of ['', 'x'.repeat(513), 'a\0b', 'a\nb', '\ud800', '\udc00x', 7, null, {}]) {
        expect(refusalOf(() => resolvePutOptions(queue, { [name]: bad } as never)).option).toBe(name);
      }
    },
  );

  it('refuse an id that looks like a message’s own', () => {
    const error = refusalOf(() => checkCallerId('1732345678901234-AbCd_f-h'));
    expect(error).toMatchObject({ option: 'id', given: '"1732345678901234-AbCd_f-h"' });
    expect(checkCallerId('1732345678901234-AbCd_f-hh')).toBe('1732345678901234-AbCd_f-hh');
  });

  it('refuse a backoff function, which cannot be kept with the message', () => {
    expect(refusalOf(() => resolvePutOptions(queue, { backoff: () => 5 } as never)).option).toBe('backoff');
  });

  it('take a trace as W3C writes it, as it stands in the record of the message', () => {
    const good = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(resolvePutOptions(queue, { trace: good }).trace).toBe(good);
    const bad = [
      '',
      good.slice(1),
      `${good}-`,
      `${good}\n`,
      good.toUpperCase(),
      good.replace('00-', '01-'),
      ` ${good}`,
      7,
      null,
    ];
    for (const trace of bad) {
      expect(refusalOf(() => resolvePutOptions(queue, { trace } as never)).option).toBe('trace');
    }
  });

  it('name an option that does not exist', () => {
    expect(refusalOf(() => resolvePutOptions(queue, { prio: 5 } as never)).given).toBe('"prio"');
  });
});

describe('options of a consumer', () => {
  it('have a default each', () => {
    expect(resolveGetOptions(queue, 60_000)).toEqual({ count: 1, lease: 30_000, waitFor: 0, signal: undefined });
    expect(resolveConsumeOptions(queue, 60_000, { concurrency: 7 })).toMatchObject({
      concurrency: 7,
      // grows and shrinks with what handlers end
      prefetch: undefined,
      lease: 30_000,
      drainTimeout: 5000,
    });
  });

  it('have bounds', () => {
    expectWhole((count) => resolveGetOptions(queue, 60_000, { count }), 'count', 1, 1000);
    expectWhole((lease) => resolveGetOptions(queue, 60_000, { lease }), 'lease', 200, 60_000);
    expectWhole((waitFor) => resolveGetOptions(queue, 60_000, { waitFor }), 'waitFor', 0, day);
    for (const [option, min, max] of [
      ['concurrency', 1, 10_000],
      ['prefetch', 0, 10_000],
      ['lease', 200, 60_000],
      ['drainTimeout', 0, day],
    ] as const) {
      const resolve = (value: never) => resolveConsumeOptions(queue, 60_000, { [option]: value });
      // null is taken as left out
      for (const value of [min, max]) resolve(value as never);
      for (const value of [min - 1, max + 1, min + 0.5, String(min)]) {
        expect(refusalOf(() => resolve(value as never)).option).toBe(option);
      }
    }
    expectWhole(checkDelay, 'delay', 0, year);
    expectWhole((lease) => checkLease(lease, 9000), 'lease', 200, 9000);
  });

  it('take an AbortSignal only, and end at once when it is aborted', () => {
    for (const signal of [null, {}, 'x']) {
      expect(refusalOf(() => resolveGetOptions(queue, 60_000, { signal } as never)).option).toBe('signal');
    }
    const { signal } = new AbortController();
    expect(resolveGetOptions(queue, 60_000, { signal }).signal).toBe(signal);
    expect(() => resolveGetOptions(queue, 60_000, { signal: AbortSignal.abort(new Error('enough')) })).toThrow(
      'enough',
    );
  });

  it('name an option that does not exist', () => {
    expect(refusalOf(() => resolveGetOptions(queue, 60_000, { limit: 5 } as never)).given).toBe('"limit"');
    expect(refusalOf(() => resolveConsumeOptions(queue, 60_000, { count: 5 } as never)).given).toBe('"count"');
  });
});

describe('other options', () => {
  it('of dead letters have bounds', () => {
    expect(resolvePage()).toEqual({ offset: 0, limit: 100 });
    for (const page of [{ offset: -1 }, { offset: 1_000_000_001 }, { limit: 0 }, { limit: 1001 }, { size: 5 }, null]) {
      expect(() => resolvePage(page as never)).toThrow(InvalidOptionsError);
    }
  });

  it('of a purge are states that may be purged', () => {
    expect(resolvePurge()).toEqual(['ready', 'delayed', 'dead']);
    expect(resolvePurge({ states: ['dead'] })).toEqual(['dead']);
    for (const states of [[], ['leased'], ['done'], 'dead', null, [undefined]]) {
      expect(refusalOf(() => resolvePurge({ states } as never)).option).toBe('states');
    }
  });

  it('are names of queues like any key', () => {
    expect(checkQueueName('größe 1')).toBe('größe 1');
    for (const name of ['', 'x'.repeat(513), 'a\nb', 7, undefined]) {
      expect(refusalOf(() => checkQueueName(name)).option).toBe('queue');
    }
  });

  it('refuse random junk with InvalidOptionsError and nothing else', () => {
    const resolvers = [
      (junk: never) => resolveQueueModuleOptions(junk),
      (junk: never) => resolveQueueDefaults(module, junk),
      (junk: never) => resolvePutOptions(queue, junk),
      (junk: never) => resolveGetOptions(queue, 60_000, junk),
      (junk: never) => resolveConsumeOptions(queue, 60_000, junk),
      (junk: never) => resolvePage(junk),
      (junk: never) => resolvePurge(junk),
    ];
    fc.assert(
      fc.property(fc.anything(), (junk) => {
        for (const resolve of resolvers) {
          try {
            resolve(junk as never);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidOptionsError);
          }
        }
      }),
    );
  });
});
