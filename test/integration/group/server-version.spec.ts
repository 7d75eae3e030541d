import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { NoQuorumError } from '../../../lib/errors.js';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { Clients } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

const connectTimeout = 3000;

/** A real server that calls itself Redis 6.1.…; of the same length, as the reply tells its length first. */
async function inFrontOf(port: number): Promise<Server> {
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    client.pipe(server);
    server.on('data', (data) => {
      const text = data.toString('latin1');
      const older = text.replace(/^redis_version:\S+/m, (line) => 'redis_version:6.1.'.padEnd(line.length, '1'));
      client.write(Buffer.from(older, 'latin1'));
    });
    client.on('error', () => server.destroy()).on('close', () => server.destroy());
    server.on('error', () => client.destroy()).on('close', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return proxy;
}

describe('a server that is older than Redis 6.2', () => {
  let servers: LocalGroup;
  let proxies: Server[];
  let older: string[];
  beforeAll(async () => {
    servers = await startLocalGroup({ size: 3 });
    proxies = await Promise.all(servers.members.map(({ port }) => inFrontOf(port)));
    older = proxies.map((proxy) => `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    for (const proxy of proxies) proxy.close();
    await servers.stop();
  });

  it('is refused at start by its version and the least that is needed, at once', async () => {
    const startedAt = performance.now();
    const error: unknown = await new Clients().connect(older, { connectTimeout }).catch((reason: unknown) => reason);
    expect(performance.now() - startedAt).toBeLessThan(connectTimeout - 1000);
    expect(error).toBeInstanceOf(NoQuorumError);
    // it is over as soon as a quorum has said no for good; the third may not have been heard then
    const said = (error as NoQuorumError).members.map((member) => member.said);
    const naming = said.filter((text) => /Redis 6\.1\.1* is too old: 6\.2 or newer is needed, or Valkey/.test(text));
    expect(naming.length, said.join('\n')).toBeGreaterThanOrEqual(2);
  });

  it('does not vote where the others are new enough, and status() tells why', async () => {
    const clients = new Clients();
    onTestFinished(() => clients.close());
    const whole = await clients.connect(servers.urls);
    await eventually(() => whole.group.status().voting === 3);
    const { group, locks } = await clients.connect([...servers.urls.slice(0, 2), older[2]!]);
    await eventually(() => /is too old/.test(group.status().members[2]!.reason ?? ''));
    expect(group.status()).toMatchObject({ voting: 2, hasQuorum: true });
    expect(await locks.tryAcquire('some')).not.toBeNull();
  });
});

describe('a server that lacks a command', () => {
  it('is named at start with the command, at once', async () => {
    await using servers = await startLocalGroup({ size: 3, args: ['--rename-command', 'ZMSCORE', 'hidden'] });
    const startedAt = performance.now();
    const attempt = new Clients().connect(servers.urls, { connectTimeout });
    await expect(attempt).rejects.toThrow(/ZMSCORE: .*unknown/i);
    expect(performance.now() - startedAt).toBeLessThan(connectTimeout - 1000);
  });
});
