import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { NoQuorumError } from '../../../lib/errors.js';
import { freePort } from '../../../lib/testing/free-port.js';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { makeCertificates, type Certificates } from '../../support/certificates.js';
import { ClientProcess } from '../../support/client-process.js';
import { acquireEverywhere, Clients } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

describe('members that speak TLS under a private certificate authority', () => {
  let certificates: Certificates;
  let groups: LocalGroup[];
  let ports: number[];

  beforeAll(async () => {
    certificates = await makeCertificates();
    ports = [await freePort(), await freePort(), await freePort()];
    const { ca, certificate, key } = certificates;
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', ca];
    groups = await Promise.all(
      ports.map((port) =>
        startLocalGroup({ size: 1, args: ['--tls-port', String(port), ...files, '--tls-auth-clients', 'no'] }),
      ),
    );
  });
  afterAll(async () => {
    await Promise.all(groups.map((group) => group.stop()));
    await certificates[Symbol.asyncDispose]();
  });

  it('work by ioredis options with that authority, commands and wake-ups', async () => {
    const clients = new Clients();
    onTestFinished(() => clients.close());
    const ca = await readFile(certificates.ca, 'utf8');
    const { locks, group } = await clients.connect(ports.map((port) => ({ host: '127.0.0.1', port, tls: { ca } })));
    await eventually(() => group.status().voting === 3);
    const held = await acquireEverywhere(locks, 'some');
    const waiting = locks.acquire('some', { waitFor: 5000 });
    await eventually(async () => (await locks.inspect('some')).waiting === 1);
    await held.release();
    expect(await (await waiting).release()).toBe('released');
  });

  it('work by rediss:// URLs in a process that trusts that authority (NODE_EXTRA_CA_CERTS)', async () => {
    const nodes = ports.map((port) => `rediss://127.0.0.1:${port}`);
    await using client = await ClientProcess.start({ nodes }, { NODE_EXTRA_CA_CERTS: certificates.ca });
    expect((await client.acquire('by-url')).token).toBeGreaterThan(0);
  });

  it('are refused when the authority is not trusted, and each is named with the reason', async () => {
    const clients = new Clients();
    const nodes = ports.map((port) => `rediss://127.0.0.1:${port}`);
    const startedAt = performance.now();
    const error: unknown = await clients.connect(nodes, { connectTimeout: 3000 }).catch((reason: unknown) => reason);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(error).toBeInstanceOf(NoQuorumError);
    const { members } = error as NoQuorumError;
    expect(members.map(({ member }) => member)).toEqual(['redis-1', 'redis-2', 'redis-3']);
    expect(members.filter(({ said }) => said.includes('certificate')).length).toBeGreaterThanOrEqual(2);
  });
});
