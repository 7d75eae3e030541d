import { Catch, Injectable, Module, Scope, SetMetadata, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import type {
  ArgumentsHost,
  CallHandler,
  CanActivate,
  ExceptionFilter,
  ExecutionContext,
  NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { MajorityRedisExceptionFilter, QueueConsumer, QueueService } from 'nestjs-majority-redis';
import type { Delivery, Queue } from 'nestjs-majority-redis';
import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup } from 'nestjs-majority-redis/testing';
import { EMPTY, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allowed } from '../../lib/nest/messages.js';
import { keyMaker } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { QueueApps } from './support/queue-apps.js';

let servers: LocalGroup;
const apps = new QueueApps();
const nextQueue = keyMaker('queue');
let seen: string[];

beforeAll(async () => {
  servers = await startLocalGroup({ size: 3 });
});
beforeEach(() => (seen = []));
afterEach(() => apps.close());
afterAll(() => servers.stop());

@Injectable()
class Tracing implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const [delivery] = context.getArgs<[Delivery]>();
    const task = this.reflector.get<string>('task', context.getHandler());
    seen.push(`${context.getType()} ${context.getClass().name}.${context.getHandler().name} ${task} ${delivery.body}`);
    return next.handle().pipe(tap({ complete: () => seen.push('through') }));
  }
}

@Injectable()
class OnlyEven implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.getArgByIndex<Delivery<number>>(0).body % 2 === 0;
  }
}

@Catch(RangeError)
class Swallow implements ExceptionFilter<RangeError> {
  catch(error: RangeError, host: ArgumentsHost): string {
    seen.push(`${host.getType()} ${error.message} ${host.getArgByIndex<Delivery>(0).body}`);
    return 'swallowed';
  }
}

async function putAndSettle(queue: Queue<number>, bodies: number[]) {
  await queue.putAll(bodies.map((body) => ({ body, maxAttempts: 1 })));
  return eventually(async () => {
    const { dead, done } = await queue.size();
    return dead + done === bodies.length && { dead, done };
  });
}

describe('enhancers of a consumer', () => {
  it('stand around the method: interceptors, guards and filters of method, class and application', async () => {
    const name = nextQueue();
    @Injectable()
    @UseGuards(OnlyEven)
    class Worker {
      @QueueConsumer(name, { enhancers: ['interceptors', 'guards', 'filters'] })
      @SetMetadata('task', 'mail')
      @UseInterceptors(Tracing)
      @UseFilters(Swallow)
      async work({ body }: Delivery<number>): Promise<void> {
        seen.push(`works on ${body}`);
        if (body === 4) throw new RangeError('out of range');
      }
    }
    const app = await apps.start(servers.urls, {
      providers: [Worker, { provide: APP_FILTER, useClass: MajorityRedisExceptionFilter }],
    });
    const queue = app.get(QueueService).of<number>(name);
    expect(await putAndSettle(queue, [2, 3, 4])).toEqual({ dead: 1, done: 2 });
    expect(seen).toEqual([
      'queue Worker.work mail 2',
      'works on 2',
      'through',
      'queue Worker.work mail 4',
      'works on 4',
      'queue out of range 4',
    ]);
    expect(await queue.deadLetters()).toMatchObject([{ body: 3, reason: 'ForbiddenException: Forbidden resource' }]);
  });

  it('let a method be done that returns an Observable of nothing', async () => {
    const name = nextQueue();
    @Injectable()
    class Worker {
      @QueueConsumer(name, { enhancers: ['interceptors'] })
      @UseInterceptors(Tracing)
      work(_delivery: Delivery<number>): Observable<never> {
        return EMPTY;
      }
    }
    const app = await apps.start(servers.urls, { providers: [Worker] });
    expect(await putAndSettle(app.get(QueueService).of<number>(name), [1])).toEqual({ dead: 0, done: 1 });
  });

  it('are made per delivery where they are request-scoped', async () => {
    const name = nextQueue();
    let made = 0;
    @Injectable({ scope: Scope.REQUEST })
    class Counting implements NestInterceptor {
      constructor() {
        made++;
      }
      intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
        return next.handle();
      }
    }
    @Injectable()
    class Worker {
      @QueueConsumer(name, { enhancers: ['interceptors'] })
      @UseInterceptors(Counting)
      work(): void {}
    }
    @Module({ providers: [Worker] })
    class WorkModule {}
    const app = await apps.start(servers.urls, { imports: [WorkModule] });
    expect(await putAndSettle(app.get(QueueService).of<number>(name), [1, 2, 3])).toEqual({ dead: 0, done: 3 });
    expect(made).toBe(3);
  });

  it('of the application stay away unless they are wanted: they may be made for requests', async () => {
    const name = nextQueue();
    @Injectable()
    class ForRequests implements CanActivate, NestInterceptor, ExceptionFilter {
      canActivate(): boolean {
        return false;
      }
      intercept(): never {
        throw new Error('no request');
      }
      catch(): void {
        throw new Error('no response');
      }
    }
    @Injectable()
    class Worker {
      @QueueConsumer(name)
      work({ body }: Delivery<number>): void {
        if (body === 2) throw new Error('mine');
      }
    }
    const app = await apps.start(servers.urls, {
      providers: [
        Worker,
        { provide: APP_GUARD, useClass: ForRequests },
        { provide: APP_INTERCEPTOR, useClass: ForRequests },
        { provide: APP_FILTER, useClass: ForRequests },
      ],
    });
    const queue = app.get(QueueService).of<number>(name);
    expect(await putAndSettle(queue, [1, 2])).toEqual({ dead: 1, done: 1 });
    expect(await queue.deadLetters()).toMatchObject([{ reason: 'Error: mine' }]);
  });

  it('that a method is decorated with must be wanted', async () => {
    @Injectable()
    class Worker {
      @QueueConsumer('q', { enhancers: ['filters'] })
      @UseGuards(OnlyEven)
      @UseInterceptors(Tracing)
      work(): void {}
    }
    await expect(apps.start(servers.urls, { providers: [Worker] })).rejects.toMatchObject({
      option: 'enhancers of @QueueConsumer() on Worker.work()',
      allowed: allowed.enhancersOfMethod,
      given: 'no guards, no interceptors',
    });
  });
});
