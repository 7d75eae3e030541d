import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NoQuorumError } from '../../../lib/errors.js';
import { Clients, type TestClient } from '../../support/clients.js';
import { eventually } from '../../support/eventually.js';
import { everyGroup, type TestGroup } from '../../support/groups.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

describe.each(everyGroup)('looking at the queues of $on', ({ open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let here: TestClient;
  let there: TestClient;

  beforeAll(async () => {
    group = await open();
    here = await clients.connect(group.nodes);
    there = await clients.connect(group.nodes);
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  it('names those that any client put into, also when they are empty again', async () => {
    expect(await here.queues.names()).toEqual([]);
    await here.queues.put('b', 1);
    await there.queues.put('a', 1);
    const [delivery] = await there.queues.get('a');
    await delivery!.ack();
    expect(await here.queues.names()).toEqual(['a', 'b']);
  });

  it('tells how long the message that comes next has waited', async () => {
    expect(await here.queues.headAge('age')).toBeNull();
    await here.queues.put('age', 'first');
    const before = performance.now();
    await eventually(async () => ((await there.queues.headAge('age')) ?? 0) >= 50);
    expect(await there.queues.headAge('age')).toBeLessThan(performance.now() - before + 5000);
    await here.queues.put('age', 'urgent', { priority: -1 });
    const urgent = performance.now();
    // the urgent one comes next, and was put after the time below began to count
    await eventually(async () => (await there.queues.headAge('age'))! < 50 + performance.now() - urgent);
    for (let left = 2; left > 0; left--) await (await here.queues.get('age'))[0]!.ack();
    await eventually(async () => (await there.queues.headAge('age')) === null);
  });

  it('is refused without a quorum', async () => {
    await group.takeQuorum();
    await eventually(() => here.group.status().hasQuorum === false);
    await expect(here.queues.names()).rejects.toThrow(NoQuorumError);
    await expect(here.queues.headAge('age')).rejects.toThrow(NoQuorumError);
  });
});
