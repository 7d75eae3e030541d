import type { DynamicModule, INestApplication, LoggerService, ModuleMetadata, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { connectMajorityRedis, MajorityRedisModule, type MajorityRedis } from 'nestjs-majority-redis';
import type { World } from './world.js';

/** What one block is run on. Disposing closes all that was opened on it. */
export class Stage implements AsyncDisposable {
  private readonly closings: (() => Promise<unknown>)[] = [];

  constructor(readonly world: World) {}

  /** A whole application, listening. */
  async boot(module: Type | DynamicModule, logger: LoggerService | false = false): Promise<INestApplication> {
    const app = await NestFactory.create(module, { logger, abortOnError: false });
    this.atEnd(() => app.close());
    await app.listen(0, '127.0.0.1');
    return app;
  }

  /** An application of these parts and the group of servers that pages call a, b and c. */
  bootWithGroup({ imports = [], ...parts }: ModuleMetadata): Promise<INestApplication> {
    const group = MajorityRedisModule.forRoot({ nodes: this.world.servers.urls, isGlobal: true });
    return this.boot({ module: class Application {}, imports: [group, ...imports], ...parts });
  }

  /** Another client of that group. */
  async connect(): Promise<MajorityRedis> {
    const client = await connectMajorityRedis({ nodes: this.world.servers.urls });
    this.atEnd(() => client.close());
    return client;
  }

  atEnd(close: () => Promise<unknown>): void {
    this.closings.push(close);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.closings.toReversed()) await close();
  }
}
