import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { NodeOptions } from '../../../lib/member/node-options.js';
import { freePort } from '../../../lib/testing/free-port.js';
import { startLocalGroup, type LocalGroup } from '../../../lib/testing/index.js';
import { connectMajorityRedis, type MajorityRedis } from '../../../lib/connect.js';
import type { GroupEvent } from '../../../lib/quorum/group-status.js';
import { eventually } from '../../support/eventually.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();
const secret = 'hunter2-5ecret';
const user = 'app';

/** All that errors, events, status and the console showed. */
class Shown {
  readonly texts: string[] = [];

  constructor() {
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, method).mockImplementation((...args: unknown[]) => this.add(args));
    }
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
  }

  add(what: unknown): void {
    this.texts.push(inspect(what, { depth: 20, showHidden: true }), JSON.stringify(what) ?? '');
    if (what instanceof Error) {
      this.texts.push(String(what), what.message, what.stack ?? '');
      this.add(what.cause);
    }
  }

  async connect(nodes: readonly NodeOptions[]): Promise<MajorityRedis | undefined> {
    const onEvent = (event: GroupEvent): void => this.add(event);
    try {
      return await connectMajorityRedis({ nodes, requestTimeout: 200, connectTimeout: 1000 }, { onEvent });
    } catch (error) {
      this.add(error);
      return undefined;
    }
  }

  expectNoSecret(): void {
    expect(this.texts.length).toBeGreaterThan(0);
    const encoded = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
    expect(this.texts.filter((text) => encoded.some((form) => text.includes(form)))).toEqual([]);
  }
}

describe('a password', () => {
  let group: LocalGroup;

  beforeAll(async () => {
    group = await startLocalGroup({ size: 3 });
    for (const { port } of group.members) {
      const admin = new Redis(port, '127.0.0.1');
      await admin.call('ACL', 'SETUSER', user, 'on', `>${secret}`, '~*', '&*', '+@all');
      await admin.quit();
    }
  });
  afterAll(() => group.stop());

  /** The same nodes in each form that can carry a password. */
  const forms = (ports: readonly number[], host = '127.0.0.1'): NodeOptions[][] => [
    ports.map((port) => `redis://${user}:${secret}@${host}:${port}`),
    ports.map((port) => ({ host, port, username: user, password: secret })),
    ports.map((port) => ({
      cluster: [{ host, port }],
      options: { redisOptions: { username: user, password: secret } },
    })),
    ports.map((port) => ({ sentinels: [{ host, port }], name: 'some', password: secret, sentinelPassword: secret })),
  ];
  const portsOf = ({ members }: LocalGroup): number[] => members.map(({ port }) => port);

  it('is in no error or event of a start that fails: wrong user, wrong port, wrong host, frozen, not a cluster', async () => {
    const shown = new Shown();
    await using frozen = await startLocalGroup({ size: 3 });
    for (const member of frozen.members) member.freeze();
    const closed = [await freePort(), await freePort(), await freePort()];
    const starts = [
      ...forms(closed),
      ...forms(portsOf(frozen)),
      ...forms([7001, 7002, 7003], 'no-such-host.invalid'),
      portsOf(group).map((port) => `redis://nobody:${secret}@127.0.0.1:${port}`),
      portsOf(group).map((port) => ({ port, username: 'nobody', password: secret })),
      ...forms(portsOf(group)).slice(2),
    ];
    const outcomes = await Promise.all(starts.map((nodes) => shown.connect(nodes)));
    expect(outcomes.map((client) => client === undefined)).toEqual(outcomes.map(() => true));
    shown.expectNoSecret();
  });

  it('is in no error about a URL that is not well-formed', async () => {
    const shown = new Shown();
    const bad = [
      `http://${user}:${secret}@127.0.0.1:7000`,
      `redis://${user}:${secret}@127.0.0.1:7000/${secret}`,
      `redis://${user}:${secret}@:7000`,
      `redis://${user}:${secret}@127.0.0.1:port`,
      `redis//${user}:${secret}@127.0.0.1`,
      `${secret}`,
    ];
    for (const url of bad) expect(await shown.connect([url])).toBeUndefined();
    expect(await shown.connect([{ password: secret }])).toBeUndefined();
    expect(await shown.connect([{ cluster: secret } as never])).toBeUndefined();
    expect(await shown.connect(secret as never)).toBeUndefined();
    shown.expectNoSecret();
  });

  it('is in no error, event or status of a group that works and then loses its members', async () => {
    const shown = new Shown();
    await using mortal = await startLocalGroup({ size: 3 });
    for (const member of mortal.members) {
      await member.command('ACL', 'SETUSER', user, 'on', `>${secret}`, '~*', '&*', '+@all');
    }
    await using client = await shown.connect(forms(portsOf(mortal))[0]!);
    shown.add(client!.group.status());
    const lock = await client!.locks.acquire('some', { ttl: 500 });
    shown.add(await client!.locks.acquire('some').catch((error: unknown) => error));
    // afterwards the user is unknown: WRONGPASS at each attempt to come back
    await Promise.all(mortal.members.map((member) => member.restart()));
    await eventually(() => /WRONGPASS/.test(client!.group.status().members[0]!.reason ?? ''));
    shown.add(client!.group.status());
    shown.add(await client!.locks.acquire('some').catch((error: unknown) => error));
    await eventually(() => !lock.isHeld);
    shown.add(lock.signal.reason);
    shown.expectNoSecret();
  });
});
