import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ballotText, parseAccepted } from '../../lib/kv/register.js';
import { eventually } from '../support/eventually.js';
import { content, KvMember, promiseMs } from '../support/kv-member.js';

const dayUs = 86_400_000_000;
/** Ends in a digit that a number written with 14 digits would lose. */
const exact = 1_632_345_678_901_237;

let member: KvMember;
let name: string;
beforeAll(async () => {
  member = await KvMember.start();
});
beforeEach(async () => {
  name = member.name();
  await member.redis.del(member.floor, member.due, member.listened);
});
afterAll(() => member[Symbol.asyncDispose]());

const told = (answer: unknown) => parseAccepted(String(answer).slice(1));

describe('any request', () => {
  it('is answered REJOIN by a member that does not vote, and changes nothing', async () => {
    await member.redis.del(member.groupKeys.marker);
    try {
      for (const act of [
        () => member.read([name]),
        () => member.prepare(name, exact),
        () => member.accept(name, 0, exact, content('"v"')),
        () => member.writeBack(name, exact, content('"v"')),
        () => member.forget(name, exact, '!'),
        () => member.listen(name, 1000, 'inbox 1'),
      ]) {
        expect(await act()).toBe('REJOIN');
      }
      expect(await member.redis.exists(member.record(name), member.listeners(name), member.floor)).toBe(0);
    } finally {
      await member.mark();
    }
  });

  it('on a record that cannot be read fails by itself', async () => {
    await member.redis.lpush(member.record(name), 'garbage');
    for (const act of [
      () => member.prepare(name, exact),
      () => member.accept(name, exact, exact + 1, content('"v"')),
      () => member.writeBack(name, exact, content('"v"')),
    ]) {
      expect(await act()).toEqual(['FAILED', expect.stringContaining('WRONGTYPE')]);
    }
  });
});

describe('read', () => {
  it('tells nothing of a register that was never written, and only the promise of one that was only promised', async () => {
    expect(await member.read([name])).toEqual(['']);
    await member.prepare(name, exact);
    const [text] = (await member.read([name])) as string[];
    expect(text).toBe(ballotText(exact) + '0'.repeat(29));
    expect(parseAccepted(text!.slice(16)).ballot).toBe(0);
  });

  it('tells what was accepted, to the last digit, of each of several registers', async () => {
    await member.write(name, exact, content('{"a b":"c | d"}', 1_800_000_000_123, 77), exact + 5);
    const [none, text] = (await member.read([member.name(), name])) as string[];
    expect(none).toBe('');
    expect(parseAccepted(text!.slice(16))).toEqual({
      ballot: exact,
      version: exact,
      history: [],
      token: 77,
      due: 1_800_000_000_123,
      value: { kind: 'S', text: '{"a b":"c | d"}' },
    });
  });
});

describe('prepare', () => {
  it('promises each ballot that is above all before, once', async () => {
    expect(told(await member.prepare(name, exact)).ballot).toBe(0);
    expect(await member.prepare(name, exact)).toBe(`S${ballotText(exact)}`);
    expect(await member.prepare(name, exact - 1)).toBe(`S${ballotText(exact)}`);
    expect(told(await member.prepare(name, exact + 1)).ballot).toBe(0);
  });

  it('tells what was accepted before', async () => {
    await member.write(name, exact, content('"v"'));
    expect(told(await member.prepare(name, exact + 1))).toMatchObject({ ballot: exact, value: { text: '"v"' } });
    expect(await member.state(name)).toMatchObject({ promised: exact + 1, ballot: exact });
  });

  it('refuses a ballot over a day ahead of its clock and tells its time, and takes one just below', async () => {
    const now = await member.timeUs();
    const answer = String(await member.prepare(name, now + dayUs + 60_000_000));
    expect(answer[0]).toBe('C');
    expect(Number(answer.slice(1))).toBeGreaterThanOrEqual(now);
    expect(Number(answer.slice(1))).toBeLessThan(now + 60_000_000);
    expect(await member.redis.exists(member.record(name))).toBe(0);
    expect(String(await member.prepare(name, now + dayUs - 60_000_000))[0]).toBe('P');
  });

  it('promises nothing at or below the floor for a key without a record (S19)', async () => {
    await member.redis.set(member.floor, ballotText(exact));
    for (const ballot of [exact - 1, exact]) {
      expect(await member.prepare(name, ballot)).toBe(`S${ballotText(exact)}`);
    }
    expect(await member.redis.exists(member.record(name))).toBe(0);
    expect(String(await member.prepare(name, exact + 1))[0]).toBe('P');
  });

  it('does not ask the floor for a key that has a content', async () => {
    await member.write(name, exact, content('"v"'));
    await member.redis.set(member.floor, ballotText(exact + 10));
    expect(told(await member.prepare(name, exact + 1)).ballot).toBe(exact);
  });

  it('without a content goes by itself, with one it stays', async () => {
    await member.prepare(name, exact);
    expect(await member.redis.pttl(member.record(name))).toBeGreaterThan(promiseMs - 1000);
    await member.accept(name, exact, exact, content('"v"'));
    expect(await member.redis.pttl(member.record(name))).toBe(-1);
    await member.prepare(name, exact + 1);
    expect(await member.redis.pttl(member.record(name))).toBe(-1);
  });
});

describe('accept', () => {
  it('takes a value under exactly the ballot that was promised, and no other (S17)', async () => {
    await member.prepare(name, exact);
    for (const ballot of [exact - 1, exact + 1]) {
      expect(await member.accept(name, ballot, ballot, content('"other"'))).toBe(`R${ballotText(exact)}`);
    }
    expect(await member.accept(name, exact, exact, content('"v"'))).toBe('A');
    expect(await member.state(name)).toMatchObject({ promised: exact, ballot: exact, value: { text: '"v"' } });
  });

  it('takes nothing where nothing was promised (S17)', async () => {
    expect(await member.accept(name, exact, exact, content('"v"'))).toBe('R');
    expect(await member.redis.exists(member.record(name))).toBe(0);
  });

  it('promises the next ballot in the same step, and to nobody else', async () => {
    await member.write(name, exact, content('1'), exact + 5);
    expect(await member.prepare(name, exact + 5)).toBe(`S${ballotText(exact + 5)}`);
    expect(await member.accept(name, exact, exact, content('old'))).toBe(`R${ballotText(exact + 5)}`);
    expect(await member.accept(name, exact + 5, exact + 9, content('2'))).toBe('A');
    expect(await member.state(name)).toMatchObject({ promised: exact + 9, ballot: exact + 5 });
  });

  it('promises no next ballot over a day ahead of its clock', async () => {
    const far = (await member.timeUs()) + dayUs + 60_000_000;
    await member.write(name, exact, content('1'), far);
    expect(await member.state(name)).toMatchObject({ promised: exact, ballot: exact });
  });

  it('uses a promise of a key without a record in the first quarter of its time only (S18)', async () => {
    await member.prepare(name, exact);
    await member.redis.pexpire(member.record(name), (promiseMs * 3) / 4 - 1);
    expect(await member.accept(name, exact, exact, content('"late"'))).toBe(`R${ballotText(exact)}`);
    expect(await member.state(name)).toMatchObject({ promised: exact, ballot: 0 });
    const other = member.name();
    await member.prepare(other, exact);
    await member.redis.pexpire(member.record(other), (promiseMs * 3) / 4 + 500);
    expect(await member.accept(other, exact, exact, content('"in time"'))).toBe('A');
  });

  it('uses a promise of a key with a content at any time', async () => {
    await member.write(name, exact, content('1'), exact + 5);
    await member.redis.pexpire(member.record(name), 60_000);
    expect(await member.accept(name, exact + 5, exact + 5, content('2'))).toBe('A');
  });

  it('keeps the index of what is due up to date', async () => {
    const score = () => member.redis.zscore(member.due, member.record(name));
    await member.write(name, exact, content('1', 5000));
    expect(await score()).toBe('5000');
    await member.write(name, exact + 1, content('1', 7000));
    expect(await score()).toBe('7000');
    await member.write(name, exact + 2, content('1'));
    expect(await score()).toBeNull();
  });

  it('wakes whoever listens, and no one when it refuses', async () => {
    const inbox = await member.inbox('t:inbox:listener');
    await member.listen(name, 10_000, 't:inbox:listener 17');
    await member.accept(name, exact, exact, content('"refused"'));
    await member.write(name, exact, content('"v"'));
    await member.unlisten(name, 't:inbox:listener 17');
    await member.write(name, exact + 1, content('"w"'));
    await member.redis.publish('t:inbox:listener', 'end');
    await expect.poll(() => inbox.messages.at(-1)).toBe('end');
    expect(inbox.messages).toEqual(['17 changed', 'end']);
  });
});

describe('write back', () => {
  it('takes what is newer than all it knows, under its own ballot', async () => {
    expect(await member.writeBack(name, exact, content('"v"', 9000))).toBe('A');
    expect(await member.state(name)).toMatchObject({ promised: exact, ballot: exact, value: { text: '"v"' } });
    expect(await member.redis.zscore(member.due, member.record(name))).toBe('9000');
    expect(await member.writeBack(name, exact + 1, content('"w"'))).toBe('A');
    expect(await member.state(name)).toMatchObject({ ballot: exact + 1, value: { text: '"w"' } });
  });

  it('is content with what is there already, and leaves its promise', async () => {
    await member.write(name, exact, content('"v"'), exact + 5);
    expect(await member.writeBack(name, exact, content('"v"'))).toBe('A');
    expect(await member.state(name)).toMatchObject({ promised: exact + 5, ballot: exact });
  });

  it('does not put an older content in the place of a newer one', async () => {
    await member.write(name, exact, content('"new"'));
    expect(await member.writeBack(name, exact - 1, content('"old"'))).toBe(`S${ballotText(exact)}`);
    expect(await member.state(name)).toMatchObject({ value: { text: '"new"' } });
  });

  it('gives way to a later promise', async () => {
    await member.prepare(name, exact + 5);
    expect(await member.writeBack(name, exact, content('"v"'))).toBe(`S${ballotText(exact + 5)}`);
    expect(await member.accept(name, exact + 5, exact + 5, content('"w"'))).toBe('A');
  });

  it('does not bring back what was removed (S19)', async () => {
    await member.write(name, exact, content(undefined, 1));
    expect(await member.forget(name, exact, '!')).toBe('A');
    expect(await member.writeBack(name, exact - 1, content('"old"'))).toBe(`S${ballotText(exact)}`);
    expect(await member.redis.exists(member.record(name))).toBe(0);
    expect(await member.writeBack(name, exact, content(undefined, 1))).toBe('A');
    expect(await member.redis.exists(member.record(name))).toBe(0);
    expect(await member.writeBack(name, exact + 1, content('"new"'))).toBe('A');
  });

  it('does not bring it back either where a promise stands in the place of what was removed (S19)', async () => {
    await member.redis.set(member.floor, ballotText(exact));
    await member.redis.set(member.record(name), ballotText(exact - 5) + '0'.repeat(29));
    expect(await member.writeBack(name, exact - 1, content('"old"'))).toBe(`S${ballotText(exact)}`);
    expect(await member.state(name)).toMatchObject({ promised: exact - 5, ballot: 0 });
  });
});

describe('forget', () => {
  it('removes a tombstone and leaves its ballot in the floor (S19)', async () => {
    await member.write(name, exact, content(undefined, 1));
    expect(await member.redis.zscore(member.due, member.record(name))).toBe('1');
    expect(await member.forget(name, exact, '?')).toBe('A');
    expect(await member.redis.exists(member.record(name))).toBe(1);
    expect(await member.forget(name, exact, '!')).toBe('A');
    expect(await member.redis.exists(member.record(name), member.due)).toBe(0);
    expect(await member.redis.get(member.floor)).toBe(ballotText(exact));
  });

  it('may be asked again once the tombstone is gone', async () => {
    await member.write(name, exact, content(undefined, 1));
    await member.forget(name, exact, '!');
    for (const act of ['?', '!'] as const) expect(await member.forget(name, exact, act)).toBe('A');
    expect(await member.forget(name, exact + 1, '?')).toBe('S');
  });

  it('lets the floor only go up', async () => {
    await member.redis.set(member.floor, ballotText(exact + 9));
    const text = ballotText(exact) + ballotText(exact) + content(undefined, 1);
    await member.redis.set(member.record(name), text);
    await member.forget(name, exact, '!');
    expect(await member.redis.get(member.floor)).toBe(ballotText(exact + 9));
  });

  it.each([
    ['a value', content('"v"'), 0, 0],
    ['another tombstone', content(undefined, 1), 1, 0],
    ['a tombstone above which something was promised', content(undefined, 1), 0, 5],
  ])('leaves %s', async (_, text, ballotAway, nextAway) => {
    await member.write(name, exact, text, exact + nextAway);
    for (const act of ['?', '!'] as const) expect(await member.forget(name, exact + ballotAway, act)).toBe('S');
    expect(await member.redis.exists(member.record(name))).toBe(1);
  });

  it('leaves a promise alone that stands in the place of what was removed', async () => {
    await member.prepare(name, exact);
    expect(await member.forget(name, exact, '!')).toBe('S');
    expect(await member.redis.exists(member.record(name))).toBe(1);
  });
});

describe('a batch', () => {
  it('decides each request on its own, in order, also around one that fails', async () => {
    const broken = member.name();
    await member.redis.lpush(member.record(broken), 'garbage');
    const inbox = await member.inbox('t:inbox:batch');
    const answers = await member.batch([
      member.preparing(name, exact),
      member.preparing(broken, exact),
      member.listening(name, 10_000, 't:inbox:batch 1'),
      member.accepting(name, exact, exact + 1, content('"a b"')),
      member.accepting(name, exact, exact + 2, content('"late"')),
      member.preparing(name, exact + 3),
    ]);
    expect(answers).toEqual([
      'P' + '0'.repeat(29),
      ['FAILED', expect.stringContaining('WRONGTYPE')],
      'A',
      'A',
      `R${ballotText(exact + 1)}`,
      `P${ballotText(exact)}${content('"a b"')}`,
    ]);
    await eventually(() => expect(inbox.messages).toEqual(['1 changed']));
    inbox.close();
  });

  it('is answered by one text as long as no answer may hold a space', async () => {
    const other = member.name();
    const prepared = await member.batch([member.preparing(name, exact), member.preparing(other, exact)]);
    expect(prepared).toBe(['P', 'P'].map((word) => word + '0'.repeat(29)).join(' '));
    const accepted = await member.batch([
      member.accepting(name, exact, exact + 1, content('"a b"')),
      member.accepting(other, exact + 9, exact + 1, content('"a b"')),
    ]);
    expect(accepted).toBe(`A R${ballotText(exact)}`);
  });

  it('knows the floor that it has raised itself (S19)', async () => {
    await member.write(name, exact, content(undefined, 1), exact);
    const other = member.name();
    const answers = await member.batch([
      member.preparing(other, 5),
      member.forgetting(name, exact, '!'),
      member.preparing(member.name(), exact),
      member.forgetting(other, exact, '?'),
    ]);
    expect(answers).toBe(`P${'0'.repeat(29)} A S${ballotText(exact)} A`);
  });
});

describe('listeners', () => {
  it('are looked for as long as the longest of their leases', async () => {
    await member.listen(name, 10_000, 'a 1');
    await member.listen(member.name(), 1000, 'a 2');
    expect(await member.redis.pttl(member.listened)).toBeGreaterThan(9000);
    await member.listen(name, 60_000, 'a 1');
    expect(await member.redis.pttl(member.listened)).toBeGreaterThan(59_000);
  });

  it('are dropped once their lease has ended', async () => {
    await member.listen(name, 1, 'a 1');
    await member.passed(2);
    await member.listen(name, 10_000, 'b 2');
    expect(await member.redis.zrange(member.listeners(name), '0', '-1')).toEqual(['b 2']);
    expect(await member.redis.pttl(member.listeners(name))).toBeGreaterThan(9000);
  });

  it('leave one at a time', async () => {
    await member.listen(name, 10_000, 'a 1');
    await member.listen(name, 10_000, 'a 2');
    await member.unlisten(name, 'a 1');
    expect(await member.redis.zrange(member.listeners(name), '0', '-1')).toEqual(['a 2']);
    await member.unlisten(name, 'a 2');
    expect(await member.redis.exists(member.listeners(name))).toBe(0);
  });
});
