import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { LockService, MajorityRedisModule, WithMajorityLock } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { defer, firstValueFrom, lastValueFrom, map, Observable, of, range, Subject, throwError, timer } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';

@Injectable()
class Prices {
  ticks = new Subject<number>();
  calls = 0;
  constructor(readonly locks: LockService) {}

  /** Declared as what it returns. */
  @WithMajorityLock('prices', { ttl: 500 })
  watch(): Observable<number> {
    this.calls++;
    return this.ticks;
  }

  /** Known to be one only when it has been called. */
  @WithMajorityLock('prices', { ttl: 500 })
  async open(): Promise<Observable<number>> {
    return this.ticks;
  }

  @WithMajorityLock('prices', { onBusy: 'skip' })
  watchOrSkip(): Observable<number> {
    return of(1);
  }

  @WithMajorityLock('prices', { onBusy: 'wait' })
  watchOrWait(): Observable<number> {
    return of(1);
  }

  @WithMajorityLock('prices')
  tokens(): Observable<(number | undefined)[]> {
    return defer(() => {
      const atOnce = this.locks.current()?.token;
      return timer(1).pipe(map(() => [atOnce, this.locks.current()?.token]));
    });
  }

  @WithMajorityLock('prices')
  endless(): Observable<number> {
    return range(0, Number.MAX_SAFE_INTEGER);
  }

  @WithMajorityLock('prices')
  fail(error: unknown): Observable<number> {
    return throwError(() => error);
  }

  @WithMajorityLock('prices')
  failAtOnce(error: unknown): Observable<number> {
    throw error;
  }
}

let servers: LocalGroup;
let app: TestingModule;
let prices: Prices;

beforeAll(async () => {
  servers = await startLocalGroup({ size: 3 });
  const group = MajorityRedisModule.forRoot({ nodes: servers.urls });
  app = await Test.createTestingModule({ imports: [group], providers: [Prices] }).compile();
  await app.init();
  prices = app.get(Prices);
});
beforeEach(() => {
  prices.ticks = new Subject();
  prices.calls = 0;
});
afterAll(async () => {
  await app.close();
  await servers.stop();
});

async function mode(): Promise<string> {
  return (await prices.locks.inspect('prices')).mode;
}

describe('a locked method declared to return an Observable', () => {
  it('still returns one, and does nothing before it is subscribed', async () => {
    expect(prices.watch()).toBeInstanceOf(Observable);
    await expect(mode()).resolves.toBe('free');
    expect(prices.calls).toBe(0);
  });

  it('holds the lock until the Observable completes', async () => {
    const seen: number[] = [];
    const whole = lastValueFrom(prices.watch().pipe(map((tick) => seen.push(tick))));
    await eventually(() => prices.ticks.observed);
    prices.ticks.next(1);
    await expect(mode()).resolves.toBe('exclusive');
    prices.ticks.next(2);
    prices.ticks.complete();
    await whole;
    expect(seen).toEqual([1, 2]);
    await expect(mode()).resolves.toBe('free');
  });

  it('holds it until it fails, and passes on the error as it is', async () => {
    const error = new Error('no more prices');
    await expect(lastValueFrom(prices.fail(error))).rejects.toBe(error);
    await expect(lastValueFrom(prices.failAtOnce(error))).rejects.toBe(error);
    await expect(mode()).resolves.toBe('free');
  });

  it('holds it until it is unsubscribed', async () => {
    const subscription = prices.watch().subscribe();
    await eventually(() => prices.ticks.observed);
    await expect(mode()).resolves.toBe('exclusive');
    subscription.unsubscribe();
    expect(prices.ticks.observed).toBe(false);
    await eventually(async () => (await mode()) === 'free');
  });

  it('stops a source that emits while it is being subscribed', async () => {
    await expect(firstValueFrom(prices.endless())).resolves.toBe(0);
    await eventually(async () => (await mode()) === 'free');
  });

  it('lets go of a lock that arrives after it was unsubscribed', async () => {
    for (let round = 0; round < 5; round++) prices.watch().subscribe().unsubscribe();
    await eventually(async () => (await mode()) === 'free');
    expect(prices.calls).toBe(0);
    expect(prices.ticks.observed).toBe(false);
  });

  it('does not call the method for one that unsubscribed meanwhile, though its call chain holds the lock', async () => {
    await prices.locks.using('prices', async () => {
      prices.watch().subscribe().unsubscribe();
      await expect(mode()).resolves.toBe('exclusive'); // a round trip later it would have been called
    });
    expect(prices.calls).toBe(0);
  });

  it('stops waiting for the lock when it is unsubscribed', async () => {
    await using lock = await prices.locks.acquire('prices');
    prices.watchOrWait().subscribe().unsubscribe();
    await lock.release();
    await expect(prices.locks.using('prices', (it) => it.isHeld)).resolves.toBe(true);
  });

  it('takes a lock for each subscription', async () => {
    const watch = prices.watch();
    const first = watch.subscribe();
    await eventually(() => prices.ticks.observed);
    await expect(lastValueFrom(watch)).rejects.toMatchObject({ code: 'LOCK_UNAVAILABLE' });
    first.unsubscribe();
  });

  it('has current() while it is subscribed, also later on', async () => {
    const [atOnce, later] = await eventually(() => lastValueFrom(prices.tokens()));
    expect(atOnce).toBeTypeOf('number');
    expect(later).toBe(atOnce);
  });

  it("emits undefined when it is skipped, as an empty one would be an error to Nest's router", async () => {
    await using lock = await prices.locks.acquire('prices');
    expect(lock.isHeld).toBe(true);
    await expect(lastValueFrom(prices.watchOrSkip())).resolves.toBeUndefined();
  });

  it('fails with the lock error when another holds the lock', async () => {
    await using lock = await prices.locks.acquire('prices');
    expect(lock.isHeld).toBe(true);
    await expect(lastValueFrom(prices.watch())).rejects.toMatchObject({ code: 'LOCK_UNAVAILABLE' });
  });
});

describe('a locked method that turns out to return an Observable', () => {
  it('hands its lock over to the first subscription', async () => {
    const ticks = await prices.open();
    await expect(mode()).resolves.toBe('exclusive');
    const whole = lastValueFrom(ticks);
    await eventually(() => prices.ticks.observed);
    await expect(mode()).resolves.toBe('exclusive');
    prices.ticks.next(7);
    prices.ticks.complete();
    await expect(whole).resolves.toBe(7);
    await expect(mode()).resolves.toBe('free');
  });

  it('lets go of its lock when nobody subscribes within its validity', async () => {
    await prices.open();
    await expect(mode()).resolves.toBe('exclusive');
    await eventually(async () => (await mode()) === 'free', { within: 3000 });
  });

  it('takes the lock anew for later subscriptions', async () => {
    const ticks = await prices.open();
    const first = ticks.subscribe();
    await eventually(() => prices.ticks.observed);
    first.unsubscribe();
    await eventually(async () => (await mode()) === 'free');
    const second = ticks.subscribe();
    await eventually(() => prices.ticks.observed);
    await expect(mode()).resolves.toBe('exclusive');
    second.unsubscribe();
  });
});
