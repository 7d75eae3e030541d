import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { NoQuorumError } from '../../../lib/errors.js';
import type { NodeOptions } from '../../../lib/member/node-options.js';
import { freePort } from '../../../lib/testing/free-port.js';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { Clients } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const connectTimeout = 2000;

interface Failure {
  readonly error: NoQuorumError;
  /** ms */
  readonly elapsed: number;
}

async function failureOf(nodes: readonly NodeOptions[]): Promise<Failure> {
  const startedAt = performance.now();
  const error: unknown = await new Clients().connect(nodes, { connectTimeout }).catch((reason: unknown) => reason);
  const elapsed = performance.now() - startedAt;
  expect(error).toBeInstanceOf(NoQuorumError);
  expect(elapsed).toBeLessThan(connectTimeout + 300);
  return { error: error as NoQuorumError, elapsed };
}

/** What the error reports, and that its message tells all of it. */
function saidIn({ error }: Failure): string[] {
  expect(error.attempted).toBe('start of group "default"');
  for (const { member, said } of error.members) expect(error.message).toContain(`${member} ${said}`);
  expect(error.members.map(({ member }) => member)).toEqual(error.members.map((_, index) => `redis-${index + 1}`));
  return error.members.map(({ said }) => said);
}

describe('a start without a quorum', () => {
  let open: LocalGroup;
  let locked: LocalGroup;

  beforeAll(async () => {
    [open, locked] = await Promise.all([
      startLocalGroup({ size: 3 }),
      startLocalGroup({ size: 3, args: ['--requirepass', 'right'] }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([open.stop(), locked.stop()]);
  });

  it('says of a wrong host that it is not known', async () => {
    const failure = await failureOf([open.urls[0]!, 'redis://no-such-host.invalid:7000', 'redis://nor-this.invalid']);
    const said = saidIn(failure);
    expect(said).toHaveLength(3);
    expect(said[1]).toMatch(/ENOTFOUND|EAI_AGAIN|no connection in/);
    expect(said[2]).toMatch(/ENOTFOUND|EAI_AGAIN|no connection in/);
  });

  it('says of a wrong port that the connection was refused', async () => {
    const ports = [await freePort(), await freePort()];
    const failure = await failureOf([open.urls[0]!, ...ports.map((port) => `redis://127.0.0.1:${port}`)]);
    const said = saidIn(failure);
    expect(said.slice(1).map((one) => /ECONNREFUSED/.test(one))).toEqual([true, true]);
    for (const port of ports) expect(failure.error.message).toContain(String(port));
  });

  it('says of a wrong password what the server said, and does not wait for connectTimeout', async () => {
    const failure = await failureOf(locked.urls.map((url) => url.replace('//', '//:wrong@')));
    for (const said of saidIn(failure)) expect(said).toContain('WRONGPASS');
    expect(failure.elapsed).toBeLessThan(connectTimeout - 300);
  });

  it('says NOAUTH where a password is missing, and does not wait for connectTimeout', async () => {
    const failure = await failureOf(locked.urls);
    for (const said of saidIn(failure)) expect(said).toContain('NOAUTH');
    expect(failure.elapsed).toBeLessThan(connectTimeout - 300);
  });

  it('goes well where only a minority has the wrong password, and status() tells the reason', async () => {
    const clients = new Clients();
    onTestFinished(() => clients.close());
    const [one, two] = locked.urls.map((url) => url.replace('//', '//:right@')) as [string, string];
    const first = await clients.connect(locked.urls.map((url) => url.replace('//', '//:right@')));
    await eventually(() => first.group.status().voting === 3);
    const { group } = await clients.connect([one, two, locked.urls[2]!.replace('//', '//:wrong@')]);
    await eventually(() => /WRONGPASS/.test(group.status().members[2]!.reason ?? ''));
    expect(group.status()).toMatchObject({ voting: 2, hasQuorum: true });
  });

  it('says of frozen servers that they did not answer', async () => {
    await using frozen = await startLocalGroup({ size: 3 });
    frozen.members[0]!.freeze();
    frozen.members[1]!.freeze();
    const said = saidIn(await failureOf(frozen.urls));
    expect(said[0]).toMatch(/no (connection|reply) in \d+ ms/);
    expect(said[1]).toMatch(/no (connection|reply) in \d+ ms/);
  });

  it('says of a plain server that is asked for TLS that it failed, and of something else than Redis too', async () => {
    const failure = await failureOf([
      open.urls[0]!,
      ...open.urls.slice(1).map((url) => url.replace('redis', 'rediss')),
    ]);
    for (const said of saidIn(failure).slice(1)) expect(said).not.toBe('');
  });

  it('leaves no connection open', async () => {
    await failureOf([open.urls[0]!, `redis://127.0.0.1:${await freePort()}`, `redis://127.0.0.1:${await freePort()}`]);
    await eventually(async () => {
      const list = String(await open.members[0]!.command('CLIENT', 'LIST'));
      return list.trim().split('\n').length === 1;
    });
  });

  // which commands: acl.spec.ts. It is over as soon as a quorum has said no for good; the third may not have been heard then
  describe('because a user lacks permissions', () => {
    it('names the keys it may not touch', async () => {
      for (const member of open.members) {
        await member.command('ACL', 'SETUSER', 'keys', 'on', '>secret', '~other:*', '&*', '+@all');
      }
      const failure = await failureOf(open.urls.map((url) => url.replace('//', '//keys:secret@')));
      expect(saidIn(failure).filter((said) => /NOPERM|keys? /i.test(said)).length).toBeGreaterThanOrEqual(2);
      expect(failure.elapsed).toBeLessThan(connectTimeout - 300);
    });

    it('names the channels it may not use', async () => {
      for (const member of open.members) {
        await member.command('ACL', 'SETUSER', 'channels', 'on', '>secret', '~*', 'resetchannels', '+@all');
      }
      const failure = await failureOf(open.urls.map((url) => url.replace('//', '//channels:secret@')));
      expect(saidIn(failure).filter((said) => /channel/i.test(said)).length).toBeGreaterThanOrEqual(2);
      expect(failure.elapsed).toBeLessThan(connectTimeout - 300);
    });
  });
});
