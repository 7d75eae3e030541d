import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../../lib/errors.js';
import { Clients, type TestClient } from '../../support/clients.js';
import { inMemoryGroup, serverGroup, type TestGroup } from '../../support/groups.js';
import { expectNothingUnhandled } from '../../support/unhandled.js';

expectNothingUnhandled();

describe.each([serverGroup(1), inMemoryGroup])('bad input on $on', ({ open }) => {
  const clients = new Clients();
  let group: TestGroup;
  let queues: TestClient['queues'];

  beforeAll(async () => {
    group = await open();
    ({ queues } = await clients.connect(group.nodes, { queue: { maxBodyBytes: 16 } }));
  });
  afterAll(async () => {
    await clients.close();
    await group.stop();
  });

  const circular: unknown[] = [];
  circular.push(circular);

  it.each<[string, () => unknown, string]>([
    ['an empty name', () => queues.put('', 1), 'queue'],
    ['a name with a line feed', () => queues.get('a\nb'), 'queue'],
    ['a name that is no string', () => queues.size(7 as never), 'queue'],
    ['undefined as body', () => queues.put('q', undefined), 'body'],
    ['a function as body', () => queues.put('q', () => 1), 'body'],
    ['a BigInt', () => queues.put('q', 1n), 'body'],
    ['a circular body', () => queues.put('q', circular), 'body'],
    ['a body above the limit', () => queues.put('q', 'ä'.repeat(8)), 'body'],
    ['a buffer above the limit', () => queues.put('q', Buffer.alloc(17)), 'body'],
    ['a negative delay', () => queues.put('q', 1, { delay: -1 }), 'delay'],
    ['a priority that is no whole number', () => queues.put('q', 1, { priority: 0.5 }), 'priority'],
    ['no attempts', () => queues.put('q', 1, { maxAttempts: 0 }), 'maxAttempts'],
    ['an empty group', () => queues.put('q', 1, { group: '' }), 'group'],
    ['a trace that is none', () => queues.put('q', 1, { trace: 'abc' }), 'trace'],
    ['an id like a message’s own', () => queues.put('q', 1, { id: '1732345678901234-AbCdEfGh' }), 'id'],
    ['a misspelt option', () => queues.put('q', 1, { prio: 5 } as never), 'options'],
    ['messages that are no array', () => queues.putAll('q', {} as never), 'messages'],
    ['too many messages', () => queues.putAll('q', new Array(10_001).fill({ body: 1 })), 'messages'],
    [
      'one bad message of many',
      () => queues.putAll('q', [{ body: 1 }, { body: 2, delay: -1 }]),
      'delay of messages[1]',
    ],
    ['no message in the array', () => queues.putAll('q', [null as never]), 'messages[0]'],
    ['one bad body of many', () => queues.putAll('q', [{ body: 1 }, { body: undefined }]), 'body of messages[1]'],
    ['a misspelt key of one of many', () => queues.putAll('q', [{ body: 1 }, { bdy: 2 } as never]), 'messages[1]'],
    ['a count of 0', () => queues.get('q', { count: 0 }), 'count'],
    ['a lease above leaseMax', () => queues.get('q', { lease: 60_001 }), 'lease'],
    ['a signal that is none', () => queues.get('q', { signal: {} as never }), 'signal'],
    ['a concurrency of 0', () => queues.consume('q', { concurrency: 0 }), 'concurrency'],
    ['a backoff that is none', () => queues.consume('q', { backoff: 'fast' as never }), 'backoff'],
    ['an id that is no string', () => queues.state('q', 7 as never), 'id'],
    ['an empty id', () => queues.remove('q', ''), 'id'],
    ['leased messages to purge', () => queues.purge('q', { states: ['leased'] as never }), 'states'],
    ['a page that is none', () => queues.deadLetters('q', { limit: 0 }), 'limit'],
    ['ids that are no array', () => queues.redrive('q', 'x' as never), 'ids'],
    ['bad defaults of a queue', () => queues.define('other', { lease: 1 }), 'lease of queue "other"'],
    ['a queue that was used before', () => queues.define('q', {}), 'queue'],
  ])('refuses %s', async (_, act, option) => {
    await queues.size('q');
    const error: unknown = await (async () => act())().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as InvalidOptionsError).option).toBe(option);
    expect(await queues.size('q')).toEqual({ ready: 0, delayed: 0, leased: 0, dead: 0, done: 0 });
  });

  it('names the misspelt key of a message, and the keys that there are', async () => {
    const putting = queues.putAll('q', [{ body: 1 }, { body: 2, prio: 3 } as never]);
    await expect(putting).rejects.toThrow(
      'messages[1] must be an object with body, id, group, priority, delay, maxAttempts, backoff, trace, got "prio"',
    );
  });

  it('keeps what the codec threw', async () => {
    const error = await queues.put('q', 1n).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ option: 'body', cause: expect.any(TypeError) as TypeError });
    const one = await queues.putAll('q', [{ body: 1n }]).catch((reason: unknown) => reason);
    expect(one).toMatchObject({ option: 'body of messages[0]', cause: expect.any(TypeError) as TypeError });
  });

  it('refuses bad module options at the start', async () => {
    for (const given of [{ maxBodyBytes: 0 }, { lease: 70_000 }, { codec: {} }, { poll: 1 }]) {
      await expect(clients.connect(group.nodes, { queue: given as never })).rejects.toThrow(InvalidOptionsError);
    }
  });
});
