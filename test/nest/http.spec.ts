import {
  applyDecorators,
  Controller,
  Get,
  Header,
  HttpCode,
  HttpException,
  Injectable,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Scope,
  SetMetadata,
  Sse,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { CallHandler, CanActivate, ExecutionContext, INestApplication, NestInterceptor } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ApiOperation, ApiResponse, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import {
  getMajorityLockMetadata,
  InvalidOptionsError,
  LockLostError,
  LockService,
  MajorityRedisExceptionFilter,
  MajorityRedisModule,
  NoQuorumError,
  StaleTokenError,
  WithMajorityLock,
} from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { map, of, take, timer } from 'rxjs';
import type { Observable } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { gate } from './support/gate.js';
import type { Gate } from './support/gate.js';
import { listen, platforms } from './support/platforms.js';

let servers: LocalGroup;
beforeAll(async () => {
  servers = await startLocalGroup({ size: 3 });
});
afterAll(async () => {
  await servers.stop();
});

@Injectable()
class ShopIsOpen implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const [lock] = getMajorityLockMetadata(context.getHandler());
    return lock?.key === 'seat:{0}' && Reflect.getMetadata('role', context.getHandler()) === 'buyer';
  }
}

@Injectable()
class Wrapped implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((value: unknown) => ({ value })));
  }
}

/** Everything that a route of a real application carries. */
function Route(path: string): MethodDecorator {
  return applyDecorators(
    Post(path),
    HttpCode(202),
    Header('X-Shop', 'yes'),
    SetMetadata('role', 'buyer'),
    UseGuards(ShopIsOpen),
    UseInterceptors(Wrapped),
    ApiOperation({ summary: `sells at ${path}` }),
    ApiResponse({ status: 423, description: 'somebody else is buying it' }),
  );
}

@Controller('seats')
class Seats {
  constructor(private readonly locks: LockService) {}

  @WithMajorityLock('seat:{0}')
  @Route('lock-above/:seat')
  async lockAbove(@Param('seat', ParseIntPipe) seat: number, @Query('buyer') buyer: string): Promise<unknown> {
    return this.sale(seat, buyer);
  }

  @Route('lock-below/:seat')
  @WithMajorityLock('seat:{0}')
  async lockBelow(@Param('seat', ParseIntPipe) seat: number, @Query('buyer') buyer: string): Promise<unknown> {
    return this.sale(seat, buyer);
  }

  private sale(seat: number, buyer: string): unknown {
    return { seat, buyer, keys: this.locks.current()?.keys };
  }
}

@Controller({ path: 'requests', scope: Scope.REQUEST })
class PerRequest {
  constructor(private readonly locks: LockService) {}

  @Get()
  @WithMajorityLock('per request')
  async run(): Promise<unknown> {
    return this.locks.current()?.keys;
  }
}

@Controller('streams')
class Streams {
  constructor(private readonly locks: LockService) {}

  @Get('values')
  @WithMajorityLock('stream')
  values(): Observable<unknown> {
    return timer(0, 1).pipe(
      map(() => this.locks.current()?.keys),
      take(2),
    );
  }

  @Get('later')
  @WithMajorityLock('stream')
  async later(): Promise<Observable<unknown>> {
    return of(this.locks.current()?.keys);
  }

  @Sse('events')
  @WithMajorityLock('stream')
  events(): Observable<{ data: unknown }> {
    return timer(0, 1).pipe(
      map(() => ({ data: this.locks.current()?.keys.join() })),
      take(2),
    );
  }
}

const errors: Record<string, Error> = {
  'no-quorum': new NoQuorumError('lock "x"', 2, 3, [{ member: 'redis-1', said: 'suspect' }], 200),
  'stale-token': new StaleTokenError('seat 1', 4, 7),
  'lock-lost': new LockLostError(['x'], 4, 'max-hold', []),
  'invalid-options': new InvalidOptionsError('ttl', 'a number', '"5s"'),
  'http-exception': new HttpException({ reason: 'sold' }, 409),
  // as a second copy of the package throws it: no class in common, only the brand
  'second-copy': Object.assign(new Error('held'), {
    [Symbol.for('nestjs-majority-redis.error')]: true,
    code: 'LOCK_UNAVAILABLE',
    retryAfter: 2500,
  }),
};

@Controller('errors')
class Errors {
  entered: Gate = gate();
  leave: Gate = gate();

  @Get('busy')
  @WithMajorityLock('busy')
  async busy(): Promise<string> {
    this.entered.open();
    await this.leave.passed;
    return 'done';
  }

  @Get(':kind')
  @WithMajorityLock('errors:{0}')
  async fail(@Param('kind') kind: string): Promise<void> {
    throw errors[kind]!;
  }
}

describe.each(platforms)('with $platform', ({ adapter }) => {
  let app: INestApplication | undefined;
  afterEach(async () => app?.close());

  async function serve(controller: new (...args: never[]) => object, withFilter = true): Promise<string> {
    const module = await Test.createTestingModule({
      imports: [MajorityRedisModule.forRoot({ nodes: servers.urls })],
      controllers: [controller],
    }).compile();
    const served = await listen(module, adapter, (created) => {
      if (withFilter) created.useGlobalFilters(new MajorityRedisExceptionFilter());
    });
    app = served.app;
    return served.url;
  }

  it.each(['lock-above', 'lock-below'])('keeps all other decorators at work (%s)', async (order) => {
    const url = await serve(Seats);
    const answer = await fetch(`${url}/seats/${order}/12?buyer=Ada`, { method: 'POST' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('x-shop')).toBe('yes');
    await expect(answer.json()).resolves.toEqual({ value: { seat: 12, buyer: 'Ada', keys: ['seat:12'] } });
    expect((await fetch(`${url}/seats/${order}/twelve`, { method: 'POST' })).status).toBe(400);

    const { paths } = SwaggerModule.createDocument(app!, new DocumentBuilder().build());
    expect(paths[`/seats/${order}/{seat}`]?.post).toMatchObject({
      summary: `sells at ${order}/:seat`,
      parameters: [
        { name: 'seat', in: 'path', schema: { type: 'number' } },
        { name: 'buyer', in: 'query', schema: { type: 'string' } },
      ],
      responses: { 423: { description: 'somebody else is buying it' } },
    });
  });

  it('locks the methods of a controller made per request', async () => {
    const url = await serve(PerRequest);
    const answers = await Promise.all([1, 2, 3].map(async () => (await fetch(`${url}/requests`)).status));
    expect(answers).toContain(200);
    await expect((await fetch(`${url}/requests`)).json()).resolves.toEqual(['per request']);
  });

  it('answers with the last value of an Observable, under the lock', async () => {
    const url = await serve(Streams);
    await expect((await fetch(`${url}/streams/values`)).json()).resolves.toEqual(['stream']);
    await expect((await fetch(`${url}/streams/later`)).json()).resolves.toEqual(['stream']);
    await expect((await fetch(`${url}/streams/values`)).json()).resolves.toEqual(['stream']);
  });

  it('sends server-sent events under the lock', async () => {
    const url = await serve(Streams);
    const text = await (await fetch(`${url}/streams/events`)).text();
    expect(text.match(/data: stream/g)).toHaveLength(2);
  });

  it('answers 423 with Retry-After while another holds the lock', async () => {
    const url = await serve(Errors);
    const { entered, leave } = app!.get(Errors);
    const first = fetch(`${url}/errors/busy`);
    await entered.passed;
    const refused = await fetch(`${url}/errors/busy`);
    leave.open();
    expect(refused.status).toBe(423);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    const body = (await refused.json()) as { message: string };
    expect(body).toEqual({ statusCode: 423, error: 'LOCK_UNAVAILABLE', message: body.message });
    expect(body.message).toContain('Lock "busy" is held by another');
    expect((await first).status).toBe(200);
  });

  it.each([
    ['no-quorum', 503, '1', { statusCode: 503, error: 'NO_QUORUM', message: errors['no-quorum']!.message }],
    ['stale-token', 409, null, { statusCode: 409, error: 'STALE_TOKEN', message: errors['stale-token']!.message }],
    ['lock-lost', 503, null, { statusCode: 503, error: 'LOCK_LOST', message: errors['lock-lost']!.message }],
    ['second-copy', 423, '3', { statusCode: 423, error: 'LOCK_UNAVAILABLE', message: 'held' }],
    ['http-exception', 409, null, { reason: 'sold' }],
    ['invalid-options', 500, null, { statusCode: 500, message: 'Internal server error' }],
  ])('answers %s with %d', async (kind, status, retryAfter, body) => {
    const answer = await fetch(`${await serve(Errors)}/errors/${kind}`);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('retry-after')).toBe(retryAfter);
    await expect(answer.json()).resolves.toEqual(body);
  });

  it('passes an HttpException through untouched without the filter too', async () => {
    const answer = await fetch(`${await serve(Errors, false)}/errors/http-exception`);
    expect(answer.status).toBe(409);
    await expect(answer.json()).resolves.toEqual({ reason: 'sold' });
  });

  it('takes the filter as APP_FILTER and by @UseFilters()', async () => {
    @Controller('filtered')
    @UseFilters(MajorityRedisExceptionFilter)
    class Filtered {
      @Get()
      fail(): void {
        throw errors['stale-token']!;
      }
    }
    expect((await fetch(`${await serve(Filtered, false)}/filtered`)).status).toBe(409);
    await app!.close();

    const module = await Test.createTestingModule({
      controllers: [Errors],
      imports: [MajorityRedisModule.forRoot({ nodes: servers.urls })],
      providers: [{ provide: APP_FILTER, useClass: MajorityRedisExceptionFilter }],
    }).compile();
    const served = await listen(module, adapter);
    app = served.app;
    expect((await fetch(`${served.url}/errors/stale-token`)).status).toBe(409);
  });
});
