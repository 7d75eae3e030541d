import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordText } from '../../lib/queue/message-record.js';
import { eventually } from '../support/eventually.js';
import { messageId, QueueMember, record } from '../support/queue-member.js';

const dayUs = 86_400_000_000;
const clientKeys = 'inbox-1 one 500';

let member: QueueMember;
let queue: string;
let now: number;
beforeAll(async () => {
  member = await QueueMember.start();
});
beforeEach(async () => {
  queue = member.name();
  now = await member.timeUs();
});
afterAll(() => member[Symbol.asyncDispose]());

describe('any request', () => {
  it('is answered REJOIN by a member that does not vote, and changes nothing', async () => {
    await member.redis.del(member.groupKeys.marker);
    try {
      const id = messageId(now);
      for (const act of [
        () => member.put(queue, { id }),
        () => member.ask(queue, 'Lh 1 1000 1 -'),
        () => member.ask(queue, `F1000 h 1 1 0  1 ${id}`),
        () => member.ack(queue, { id }),
        () => member.nack(queue, { id }),
        () => member.reject(queue, { id }),
        () => member.spread(queue, id),
        () => member.heal(queue, { id }),
        () => member.tell(queue, [id]),
        () => member.remove(queue, id),
        () => member.redrive(queue, { id, counted: 1_000_000 }),
        () => member.scan(queue, now),
        () => member.raiseFloor(queue, now),
        () => member.look(queue, 'T'),
        () => member.export(queue, 'marked', 'names'),
      ]) {
        expect(await act()).toBe('REJOIN');
      }
      expect(await member.redis.keys('*')).toEqual([]);
    } finally {
      await member.mark();
    }
  });

  it('that fails leaves the others of its batch alone', async () => {
    await member.redis.set(member.key('broken', 'records'), 'garbage');
    const text = (name: string, id: string) => `P${name.length} ${name}${id} 0 ${record().length} ${record()}`;
    const [failed, stored] = (await member.batch(
      ['broken', text('broken', messageId(now))],
      [queue, text(queue, messageId(now))],
    )) as unknown[];
    expect(failed).toEqual(['FAILED', expect.stringContaining('WRONGTYPE')]);
    expect(stored).toMatch(/^A /);
    expect(await member.places(queue, messageId(now))).toBe('R');
  });
});

describe('put', () => {
  it('stores messages once, and tells the time of the member', async () => {
    const ids = [messageId(now), messageId(now + 1)];
    const text = ids.map((id) => `${id} 0 ${record().length} ${record()}`).join('');
    const answer = String(await member.ask(queue, `P${queue.length} ${queue}${text}`));
    expect(answer).toMatch(/^AA \d{16}$/);
    expect(Number(answer.slice(3))).toBeGreaterThanOrEqual(now);
    expect(await member.put(queue, { id: ids[0]!, record: record('another') })).toBe('A');
    expect(await member.redis.hget(member.key(queue, 'records'), ids[0]!)).toBe(record());
    expect(await member.places(queue, ...ids)).toBe('RR');
  });

  it('takes a record with any bytes, whatever it looks like', async () => {
    const texts = ['', ' 12 34 ', '0000000000000001-AAAAAAAA 0 5 ', 'ä€😀', '\n\0'].map((text) => record(text));
    const puts = texts.map((text, index) => ({ id: messageId(now + index), record: text }));
    expect(await member.put(queue, ...puts)).toBe('AAAAA');
    const leased = await member.lease(queue, { count: 5 });
    expect(leased).toMatchObject(texts.map((text) => ({ record: text })));
  });

  it('answers D for what is done', async () => {
    const id = messageId(now);
    await member.put(queue, { id });
    await member.spread(queue, id);
    expect(await member.put(queue, { id })).toBe('D');
    expect(await member.places(queue, id)).toBe('D');
  });

  it('refuses what is older than the put floor, however it was closed (S24)', async () => {
    await member.scan(queue, now);
    const [old, young] = [messageId(now - 1), messageId(now)];
    expect(await member.put(queue, { id: old }, { id: young })).toBe('OA');
    expect(await member.redis.hexists(member.key(queue, 'records'), old)).toBe(0);
    await member.export(queue, 'marked', 'facts', now + 10);
    expect(await member.put(queue, { id: messageId(now + 9) }, { id: messageId(now + 10) })).toBe('OA');
    // what was stored before stays stored
    expect(await member.put(queue, { id: young })).toBe('A');
    const text = (id: string): string => `P${queue.length} ${queue}${id} 0 ${record().length} ${record()}`;
    expect(await member.ask(queue, text(messageId(now + 9)))).toMatch(new RegExp(`^O \\d{16} ${now + 10}$`));
    expect(await member.ask(queue, text(young))).toMatch(/^A \d{16}$/);
  });

  it('never lowers the put floor', async () => {
    await member.scan(queue, now);
    await member.scan(queue, now - 1000);
    await member.export(queue, 'marked', 'facts', now - 1000);
    expect(await member.put(queue, { id: messageId(now - 1) })).toBe('O');
  });

  it('refuses an id over a day ahead of its clock, and takes one just below', async () => {
    const [far, near] = [messageId(now + dayUs + 60_000_000), messageId(now + dayUs - 60_000_000)];
    expect(await member.put(queue, { id: far }, { id: near })).toBe('CA');
  });

  it('keeps a delayed message back', async () => {
    const id = messageId(now);
    await member.put(queue, { id, delay: 40_000 });
    const [told] = await member.tell(queue, [id]);
    expect(told![0]).toBe('Y');
    expect(Number(told![1])).toBeGreaterThan(20_000);
    expect(Number(told![1])).toBeLessThanOrEqual(40_000);
    const wait = await member.lease(queue);
    expect(wait).toBeGreaterThan(20_000);
    expect(wait).toBeLessThanOrEqual(40_000);
    await member.letEnd(queue, id);
    expect(await member.leaseIds(queue)).toEqual([id]);
  });

  it('notes the name of the queue', async () => {
    await member.put(queue, { id: messageId(now) });
    expect(await member.redis.sismember(member.allQueues, queue)).toBe(1);
  });

  it('makes a message ready that was leased here before it came, once that lease is over', async () => {
    const [held, over, given, dead] = [0, 1, 2, 3].map((offset) => messageId(now + offset)) as [
      string,
      string,
      string,
      string,
    ];
    await member.confirm(queue, 60_000, { id: held, token: 7 });
    await member.confirm(queue, 1, { id: over, token: 7 });
    await member.confirm(queue, 60_000, { id: given, token: 7 }, { id: dead, token: 7 });
    await member.nack(queue, { id: given });
    await member.reject(queue, { id: dead });
    await member.passed(1);
    await member.lease(queue);
    const puts = [held, over, given, dead].map((id) => ({ id, delay: 60_000 }));
    expect(await member.put(queue, ...puts)).toBe('AAAA');
    expect(await member.places(queue, held, over, given, dead)).toBe('LRRX');
    expect(await member.redis.zcard(member.key(queue, 'unknown'))).toBe(0);
  });

  it('leaves a message with its holder that was leased here before it came, however young it is', async () => {
    const [known, held, free] = [0, 1, 2].map((offset) => messageId(now + offset)) as [string, string, string];
    await member.put(queue, { id: known });
    await member.confirm(queue, 60_000, { id: held, token: 7 });
    expect(await member.put(queue, { id: held }, { id: free })).toBe('AA');
    expect(await member.places(queue, known, held, free)).toBe('RLR');
    expect(await member.redis.zrange(member.key(queue, 'ready'), '0', '-1')).toEqual([known, free]);
    expect(await member.leaseIds(queue, { count: 5 })).toEqual([known, free]);
  });
});

describe('wake', () => {
  it('tells idle consumers of home, as many as there are messages, those first that listen the shortest', async () => {
    const inboxes = await Promise.all(['inbox-1', 'inbox-2'].map((channel) => member.inbox(channel)));
    for (const who of [clientKeys, 'inbox-2 two 500', 'inbox-2 three 500']) {
      expect(await member.lease(queue, { who })).toBe(-1);
      await member.passed(2);
    }
    await member.put(queue, { id: messageId(now) }, { id: messageId(now + 1), delay: 1000 });
    await eventually(() => inboxes[1]!.messages.length === 1);
    expect(inboxes.map(({ messages }) => messages)).toEqual([['one ready'], ['two ready']]);
    await member.put(queue, { id: messageId(now + 2) });
    await eventually(() => inboxes[1]!.messages.length === 2);
    expect(inboxes[1]!.messages[1]).toBe('three ready');
  });

  it('passes over a consumer that listens no more, and one that said so', async () => {
    const inbox = await member.inbox('inbox-1');
    for (const id of ['gone', 'ended', 'busy', 'here']) await member.lease(queue, { who: `inbox-1 ${id} 500` });
    await member.look(queue, 'Iinbox-1 gone 500');
    await member.ask(queue, 'Binbox-1 busy 500');
    await member.redis.zadd(member.key(queue, 'idle'), 1, 'inbox-1 ended 500');
    await member.put(queue, { id: messageId(now) }, { id: messageId(now + 1) });
    await eventually(() => inbox.messages.length > 0);
    expect(inbox.messages).toEqual(['here ready']);
    expect(await member.redis.exists(member.key(queue, 'idle'))).toBe(0);
  });

  it('leaves it to another member to wake a consumer of whom that one is home, which keeps its place', async () => {
    const inbox = await member.inbox('inbox-1');
    await member.stand(queue, 'inbox-1 elsewhere 500');
    await member.passed(2);
    await member.lease(queue, { who: clientKeys });
    await member.put(queue, { id: messageId(now) }, { id: messageId(now + 1) });
    await eventually(() => inbox.messages.length > 0);
    expect(inbox.messages).toEqual(['one ready']);
    expect(await member.redis.zrange(member.key(queue, 'idle'), '0', '-1')).toEqual(['inbox-1 elsewhere 500 -']);
    expect(await member.redis.pttl(member.key(queue, 'idle'))).toBeGreaterThan(45_000);
  });

  it('does not take one that only stands here for woken', async () => {
    const inbox = await member.inbox('inbox-1');
    await member.stand(queue, 'inbox-1 elsewhere 500');
    await member.passed(2);
    await member.lease(queue, { who: clientKeys });
    await member.put(queue, { id: messageId(now), record: record('body', { group: 'g' }) });
    await eventually(() => inbox.messages.length > 0);
    expect(inbox.messages).toEqual(['one ready']);
  });

  it('wakes a consumer once, and the next one for the next message, also where it stands as at another member', async () => {
    const inbox = await member.inbox('inbox-1');
    await member.lease(queue, { who: clientKeys });
    await member.stand(queue, clientKeys);
    expect(await member.redis.zrange(member.key(queue, 'idle'), '0', '-1')).toEqual([clientKeys]);
    await member.passed(2);
    await member.lease(queue, { who: 'inbox-1 two 500' });
    await member.put(queue, { id: messageId(now) }, { id: messageId(now + 1) });
    await eventually(() => inbox.messages.length === 2);
    expect(inbox.messages).toEqual(['one ready', 'two ready']);
  });

  it('looks past some that only stand here, not past all', async () => {
    const inbox = await member.inbox('inbox-1');
    for (let index = 0; index < 40; index++) await member.stand(queue, `inbox-1 other-${index} 500`);
    await member.passed(2);
    await member.lease(queue, { who: clientKeys });
    await member.put(queue, { id: messageId(now), delay: 5000 });
    expect(await inbox.take()).toEqual([]);
    expect(await member.redis.zcard(member.key(queue, 'idle'))).toBe(41);
  });

  it('wakes another one when nobody hears of a message that is handed out', async () => {
    const inbox = await member.inbox('inbox-1');
    await member.lease(queue, { who: 'inbox-of-nobody one 500' });
    await member.passed(2);
    await member.lease(queue, { who: 'inbox-1 two 500' });
    await member.put(queue, { id: messageId(now) });
    await eventually(() => inbox.messages.length === 1);
    expect(inbox.messages).toEqual(['two ready']);
    expect(await member.leaseIds(queue)).toEqual([messageId(now)]);
  });

  it('forgets who listens after a minute', async () => {
    await member.lease(queue, { who: clientKeys });
    const ttl = await member.redis.pttl(member.key(queue, 'idle'));
    expect(ttl).toBeGreaterThan(45_000);
    expect(ttl).toBeLessThanOrEqual(60_000);
  });
});

describe('hand out', () => {
  /** What the first inbox was told of a message: numbers are since when and how long the consumer was known. */
  const told = (text: string | undefined) => {
    const [, id, since, age, rest] = /^(\S+ leased \S+ \d+) (\d+) (\d+) ([^]*)$/.exec(text ?? '') ?? [];
    return { id, since: Number(since), age: Number(age), record: rest };
  };

  it('leases a message that comes alone to the idle consumer, for as long as that said, and tells it so with the record', async () => {
    const inbox = await member.inbox('inbox-1');
    const id = messageId(now);
    for (const listen of [() => member.lease(queue, { who: clientKeys }), () => member.stand(queue, clientKeys)]) {
      await member.redis.flushall();
      await member.mark();
      inbox.messages.length = 0;
      const before = (await member.timeUs()) / 1000;
      await listen();
      await member.passed(5);
      await member.put(queue, { id, record: record('größe') });
      const after = (await member.timeUs()) / 1000;
      await eventually(() => inbox.messages.length === 1);
      const { id: start, since, age, record: text } = told(inbox.messages[0]);
      expect([start, text]).toEqual([`one leased ${id} 500`, record('größe')]);
      expect(since).toBeGreaterThanOrEqual(Math.floor(before));
      expect(age).toBeGreaterThanOrEqual(5);
      expect(since + age).toBeLessThanOrEqual(after);
      expect(await member.state(queue, id)).toEqual({
        token: now,
        counted: 1,
        kind: 'L',
        holder: 'one',
        group: '',
        reason: '',
      });
      expect(await member.places(queue, id)).toBe('L');
      const [, left] = (await member.tell(queue, [id]))[0]!;
      expect(Number(left)).toBeLessThanOrEqual(500);
      expect(await member.leaseIds(queue)).toEqual([]);
      expect(await member.confirm(queue, 60_000, { id, token: now + 5, holder: 'another' })).toEqual([
        expect.stringMatching(/^L/),
      ]);
      expect(await member.confirm(queue, 60_000, { id, token: now, holder: 'one' })).toEqual(['G']);
      expect(await member.ack(queue, { id, holder: 'one' })).toBe('A');
    }
  });

  it('tells the time of the member by which the consumer is known, to whom it asks', async () => {
    const inbox = await member.inbox('inbox-1');
    const since = await member.stand(queue, clientKeys);
    await member.put(queue, { id: messageId(now) });
    await eventually(() => inbox.messages.length === 1);
    expect(told(inbox.messages[0]).since).toBe(since);
    const [answer = ''] = (await member.ask(queue, `Lh 1 1000 1 inbox-1 two 500`)) as string[];
    await member.put(queue, { id: messageId(now + 1) });
    await eventually(() => inbox.messages.length === 2);
    expect(answer).toMatch(new RegExp(`^\\d+ ${told(inbox.messages[1]).since}$`));
  });

  it('lets who has it elsewhere have it here, too, once one that it was not delivered to gave it back', async () => {
    await member.inbox('inbox-1');
    const id = messageId(now);
    await member.stand(queue, clientKeys);
    await member.put(queue, { id });
    const holder = { id, token: now, holder: 'elsewhere' };
    expect(await member.confirm(queue, 60_000, holder)).toEqual([expect.stringMatching(/^L/)]);
    expect(await member.ask(queue, `N${id} one 0 2 `)).toBe('A');
    expect(await member.confirm(queue, 60_000, holder)).toEqual(['G']);
    expect(await member.state(queue, id)).toMatchObject({ token: now, counted: 1, holder: 'elsewhere' });
  });

  it('hands a second message to nobody that was handed one', async () => {
    const inbox = await member.inbox('inbox-1');
    await member.stand(queue, clientKeys);
    await member.lease(queue, { who: 'inbox-1 two 500' });
    for (const later of [0, 1, 2]) await member.put(queue, { id: messageId(now + later) });
    await eventually(() => inbox.messages.length === 2);
    expect(inbox.messages.map((text) => told(text).id)).toEqual(
      [0, 1].map((later) => expect.stringContaining(messageId(now + later))),
    );
    expect(await member.places(queue, ...[0, 1, 2].map((later) => messageId(now + later)))).toBe('LLR');
  });

  it('lets others have it once the consumer did not settle it in time, as its second attempt', async () => {
    await member.inbox('inbox-1');
    const id = messageId(now);
    await member.stand(queue, clientKeys);
    await member.put(queue, { id });
    await member.letEnd(queue, id);
    expect(await member.lease(queue, { token: 7 })).toMatchObject([{ id, token: now + 1, counted: 2 }]);
  });

  it('takes no consumer for idle that has got something since, is busy or has ended', async () => {
    const inbox = await member.inbox('inbox-1');
    await member.redis.zadd(member.key(queue, 'ready'), 0, messageId(now));
    await member.redis.hset(member.key(queue, 'records'), messageId(now), record());
    await member.stand(queue, clientKeys);
    expect(await member.leaseIds(queue, { who: clientKeys })).toEqual([messageId(now)]);
    await member.stand(queue, 'inbox-1 busy 500');
    await member.ask(queue, 'Binbox-1 busy 500');
    await member.stand(queue, 'inbox-1 ended 500');
    await member.look(queue, 'Iinbox-1 ended 500');
    await member.passed(2);
    await member.stand(queue, 'inbox-1 two 500');
    await member.put(queue, { id: messageId(now + 1) });
    await eventually(() => inbox.messages.length === 1);
    expect(inbox.messages[0]).toMatch(/^two leased /);
  });

  it('hands out nothing that is large, in a group, delayed, to be delivered once only, or not alone', async () => {
    const inbox = await member.inbox('inbox-1');
    const once = recordText({
      priority: -3,
      group: '',
      maxAttempts: 1,
      backoff: undefined,
      callerId: '',
      trace: '',
      body: { kind: 'S', text: 'body' },
    });
    const others = [record('x'.repeat(20_000)), record('b', { group: 'g' }), once];
    for (const [index, other] of others.entries()) {
      await member.lease(queue, { who: clientKeys });
      await member.put(queue, { id: messageId(now + index), record: other });
      await eventually(() => inbox.messages.length === index + 1);
      expect(inbox.messages.at(-1)).toBe('one ready');
      expect(await member.leaseIds(queue)).toEqual([messageId(now + index)]);
    }
    await member.lease(queue, { who: clientKeys });
    await member.redis.zadd(member.key(queue, 'ready'), 0, messageId(now + 3));
    await member.put(queue, { id: messageId(now + 4) });
    await eventually(() => inbox.messages.length === 4);
    expect(inbox.messages.at(-1)).toBe('one ready');
  });

  it('hands out nothing that was leased here before it came, nor what is put again (S26)', async () => {
    await member.inbox('inbox-1');
    const [held, known] = [messageId(now), messageId(now + 1)];
    await member.confirm(queue, 60_000, { id: held, token: 7 });
    await member.put(queue, { id: known });
    await member.stand(queue, clientKeys);
    await member.put(queue, { id: held });
    await member.stand(queue, clientKeys);
    await member.put(queue, { id: known });
    expect((await member.state(queue, held))?.holder).toBe('h');
    expect(await member.places(queue, held, known)).toBe('LR');
  });
});
