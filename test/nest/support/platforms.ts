import type { INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { TestingModule } from '@nestjs/testing';

/** Both HTTP platforms of Nest, for `describe.each()`. */
export const platforms = [
  { platform: 'Express', adapter: (): ExpressAdapter => new ExpressAdapter() },
  { platform: 'Fastify', adapter: (): FastifyAdapter => new FastifyAdapter() },
];

/** Creates the application, lets the test complete it, and listens on a free port. */
export async function listen(
  module: TestingModule,
  adapter: () => ExpressAdapter | FastifyAdapter,
  complete: (app: INestApplication) => void = () => {},
): Promise<{ app: INestApplication; url: string }> {
  const app = module.createNestApplication(adapter(), { logger: false });
  complete(app);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}
