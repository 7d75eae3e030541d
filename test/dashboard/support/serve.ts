import { Module } from '@nestjs/common';
import type { CanActivate, INestApplication, LoggerService, ModuleMetadata, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ExpressAdapter } from '@nestjs/platform-express';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { MajorityRedisModule } from 'nestjs-majority-redis';
import { MajorityRedisDashboardModule } from 'nestjs-majority-redis/dashboard';
import type { MajorityRedisDashboardExtras, MajorityRedisDashboardOptions } from 'nestjs-majority-redis/dashboard';
import { platforms } from '../../nest/support/platforms.js';

/** What a test asks of an application with a dashboard. */
export interface ServeOptions {
  readonly nodes: readonly string[];
  readonly dashboard?: MajorityRedisDashboardOptions & MajorityRedisDashboardExtras;
  readonly adapter?: () => ExpressAdapter | FastifyAdapter;
  readonly logger?: LoggerService;
  /** More modules beside the group and the dashboard. */
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  /** Completes the application before it listens. */
  readonly complete?: (app: INestApplication) => void;
}

/** A real application with one group and a dashboard, on a free port. */
export interface ServedApp extends AsyncDisposable {
  readonly url: string;
  /** Where the dashboard is, unless a prefix was set. */
  readonly dashboard: string;
}

export async function serve(options: ServeOptions): Promise<ServedApp> {
  const { nodes, dashboard = {}, adapter = platforms[0]!.adapter, logger, imports = [], complete } = options;
  const group = MajorityRedisModule.forRoot({ nodes, isGlobal: true });
  @Module({ imports: [group, MajorityRedisDashboardModule.forRoot(dashboard), ...imports] })
  class App {}
  const app = await NestFactory.create(App, adapter(), { logger: logger ?? false, abortOnError: false });
  try {
    complete?.(app);
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  const url = await app.getUrl();
  return { url, dashboard: `${url}/majority`, [Symbol.asyncDispose]: () => app.close() };
}

/** Lets those pass who send `x-user: operator`. */
export class OperatorGuard implements CanActivate {
  canActivate(context: Parameters<CanActivate['canActivate']>[0]): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return headers['x-user'] === 'operator';
  }
}

export type GuardClass = Type<CanActivate>;
