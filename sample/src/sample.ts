import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { MajorityRedisService } from 'nestjs-majority-redis';
import { filter, firstValueFrom, map, of, startWith, timeout } from 'rxjs';
import { AppModule } from './app.module.js';
import { Servers } from './members/servers.js';
import type { SampleConfig } from './sample-config.js';

/** The running ticket shop. */
export interface Sample extends AsyncDisposable {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  readonly servers: Servers;
  /** Resolves when all members vote, or after that many ms: what the group says of its start has been said then. */
  settle(withinMs: number): Promise<void>;
}

/**
 * Starts servers (unless they are given), the app, and listens. Disposing waits for the sales in progress, releases the
 * locks, and ends the servers that were started here.
 *
 * @throws Error in plain words when the port is taken or no redis-server is found; NoQuorumError and
 * InvalidOptionsError of the group
 */
export async function startSample(config: SampleConfig): Promise<Sample> {
  const servers = await Servers.open(config);
  let app: NestExpressApplication | undefined;
  const dispose = async () => {
    await app?.close();
    await servers[Symbol.asyncDispose]();
  };
  try {
    if (servers.isEmbedded) {
      const list = servers.embedded.map(({ name, port }) => `${name} on port ${port}`).join(', ');
      new Logger('Servers').log(`started ${list}`);
    }
    app = await NestFactory.create<NestExpressApplication>(AppModule.forServers(servers), { abortOnError: false });
    // Answers are read by people with curl.
    app.set('json spaces', 2);
    await app.listen(config.port, config.host);
    const group = app.get(MajorityRedisService);
    const settle = (withinMs: number) => allVoting(group, withinMs);
    return { url: await app.getUrl(), servers, settle, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw explain(error, config);
  }
}

async function allVoting(group: MajorityRedisService, withinMs: number): Promise<void> {
  const vote$ = group.events$.pipe(
    startWith(undefined),
    map(() => group.status()),
    filter(({ voting, groupSize }) => voting === groupSize),
    timeout({ first: withinMs, with: () => of(undefined) }),
  );
  await firstValueFrom(vote$, { defaultValue: undefined });
}

function explain(error: unknown, { host, port }: SampleConfig): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new Error(`Port ${port} on ${host} is taken. Choose another one: PORT=${port + 1} npm start`);
  }
  if (code === 'EACCES') return new Error(`Port ${port} needs more rights. Choose one above 1023: PORT=3000 npm start`);
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') {
    return new Error(`HOST must be an address of this machine, got "${host}"`);
  }
  return error;
}
