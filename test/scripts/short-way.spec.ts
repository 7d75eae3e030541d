import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  acquire,
  extend,
  inspect,
  LockMember,
  release,
  releaseAll,
  type LockRequestText,
} from '../support/lock-member.js';
import { seededRandom, testSeed } from '../support/seed.js';

let member: LockMember;
beforeAll(async () => {
  member = await LockMember.start();
});
afterAll(() => member[Symbol.asyncDispose]());

/** An answer without what differs by when it was asked: ms left, indexes of keys. */
function gist(answer: unknown): unknown {
  return Array.isArray(answer) && answer[0] !== 'STALE' ? answer[0] : answer;
}

it('answers one lock on the short way as two locks are answered on the long one', { timeout: 60_000 }, async () => {
  const random = seededRandom(testSeed());
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  // requests for two locks never take the short way
  const [short, long] = [['short'], ['long-1', 'long-2']];
  const seen = new Set<unknown>();
  for (let i = 0; i < 2000; i++) {
    const [holder, lease, line] = [
      pick(['h1', 'h2', 'h3']).padEnd(16, '-'),
      pick([5, 10_000]),
      pick([0, 0, 0, 15, 'turn' as const]),
    ];
    const token = pick([
      member.token(),
      member.token(),
      member.token() - 60_000_000,
      member.token() + 2 * 86_400_000_000,
    ]);
    const now = member.token();
    const keep = pick([0, 0, 0, 20]);
    const ask = pick<(keys: readonly string[]) => LockRequestText>([
      (keys) => acquire(keys, holder, token, lease, line),
      (keys) => acquire(keys, holder, token, lease, line),
      (keys) => extend(keys, holder, Math.min(token, now), lease),
      (keys) => release(keys, holder, keep),
      (keys) => release(keys, holder, keep),
      (keys) => releaseAll(keys, holder, keep),
    ]);
    if (random() < 0.05) await member.passed(21);
    // in one batch both see the same time
    const [one, two] = ((await member.batch([ask(short), ask(long)])) as unknown[]).map(gist);
    expect(one, JSON.stringify({ i, ...ask(short) })).toEqual(two);
    seen.add(Array.isArray(one) ? one[0] : one);
    const [a, b] = (await member.batch([inspect('short'), inspect('long-1')])) as unknown[];
    expect(a).toEqual(b);
  }
  const words = ['GRANTED', 'RELEASED', 'ABSENT', 'HELD', 'LINE', 'LINED', 'STALE', 'CLOCK', 'EXTENDED', 'LOST'];
  expect([...seen]).toEqual(expect.arrayContaining(words));
});
