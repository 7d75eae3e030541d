import type { INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { TestingModule } from '@nestjs/testing';

/**
 * ms, as Express has it; Fastify's 72 s are longer than a test. A server that closes ends idle connections, but one whose
 * last answer it does not know to be sent yet, as the client is in the same process, stays for that long.
 */
const keepAliveTimeout = 5000;

/** Both HTTP platforms of Nest, for `describe.each()`. */
export const platforms = [
  { platform: 'Express', adapter: (): ExpressAdapter => new ExpressAdapter() },
  { platform: 'Fastify', adapter: (): FastifyAdapter => new FastifyAdapter({ keepAliveTimeout }) },
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
