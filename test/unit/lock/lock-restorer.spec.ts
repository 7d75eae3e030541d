import { describe, expect, it } from 'vitest';
import { LockRestorer } from '../../../lib/lock/lock-restorer.js';
import type { Member } from '../../../lib/member/member.js';
import type { Script } from '../../../lib/member/script.js';
import { GroupKeys } from '../../../lib/quorum/group-keys.js';

interface Call {
  readonly member: string;
  readonly script: string;
  readonly keys: readonly string[];
  readonly args: readonly unknown[];
}

const report = ['h', '5000', '17', '0'];

/** Members whose calls are noted. A source tells the same of each lock; the target answers as it is told. */
function create(pages: Record<string, readonly (readonly string[])[]>, answer = 'RESTORED') {
  const calls: Call[] = [];
  const member = (name: string): Member =>
    ({
      name,
      transport: { mapKey: (key: string) => `{p}${key.slice(1)}` },
      scan: async function* () {
        if (!pages[name]) throw new Error('connection closed');
        yield* pages[name];
      },
      call: (script: Script, keys: readonly string[], args: readonly unknown[]) => {
        calls.push({ member: name, script: script.name, keys, args });
        return Promise.resolve(
          script.name === 'export' ? Array.from({ length: Number(args[1]) }, () => report) : answer,
        );
      },
    }) as unknown as Member;
  const copied: number[] = [];
  const task = {
    target: member('target'),
    sources: Object.keys(pages).map(member),
    ticket: 'me',
    leaseMax: 60_000,
    mayBeUnmarked: false,
    onCopied: (count: number) => copied.push(count),
  };
  const restorer = new LockRestorer(new GroupKeys('p'), 86_400_000);
  return { calls, copied, member, task, restorer };
}

describe('restoring locks', () => {
  it('copies each lock of each source, and tells how many (S07)', async () => {
    const { calls, copied, task, restorer } = create({
      'redis-1': [['{p}:lock:a', '{p}:lock:b:c']],
      'redis-2': [['{p}:lock:a'], ['{p}:lock:d']],
    });
    await restorer.restore(task);
    expect(copied).toEqual([2, 1, 1]);
    const restored = calls.filter(({ script }) => script === 'restore');
    expect(restored.map(({ keys }) => keys.slice(2))).toEqual([
      ['p:lock:a', 'p:readers:a'],
      ['p:lock:b:c', 'p:readers:b:c'],
      ['p:lock:a', 'p:readers:a'],
      ['p:lock:d', 'p:readers:d'],
    ]);
    expect(restored[0]).toMatchObject({ member: 'target', args: ['me', 86_400_000, ...report] });
    expect(restored[0]!.keys.slice(0, 2)).toEqual(['p:member', 'p:rejoin']);
  });

  it('reads at most 200 locks in one call', async () => {
    const keys = Array.from({ length: 450 }, (_, i) => `{p}:lock:${i}`);
    const { calls, copied, task, restorer } = create({ 'redis-1': [keys] });
    await restorer.restore(task);
    expect(calls.filter(({ script }) => script === 'export').map(({ args }) => args[1])).toEqual([200, 200, 50]);
    expect(copied).toEqual([200, 200, 50]);
  });

  it('reads only members that vote, unless a majority restarted', async () => {
    const { calls, task, restorer } = create({ 'redis-1': [['{p}:lock:a']] });
    await restorer.restore(task);
    await restorer.restore({ ...task, mayBeUnmarked: true });
    expect(calls.filter(({ script }) => script === 'export').map(({ args }) => args[0])).toEqual(['marked', 'any']);
  });

  it('fails when the ticket is lost, when a source forgot meanwhile, and when one is gone', async () => {
    const refused = create({ 'redis-1': [['{p}:lock:a']] }, 'REFUSED');
    await expect(refused.restorer.restore(refused.task)).rejects.toThrow('the ticket for target is lost');

    const { task, restorer, member } = create({ 'redis-1': [['{p}:lock:a']] });
    const forgetful = { ...member('redis-1'), call: () => Promise.resolve('REJOIN') } as unknown as Member;
    await expect(restorer.restore({ ...task, sources: [forgetful] })).rejects.toThrow('redis-1 forgot meanwhile');
    await expect(restorer.restore({ ...task, sources: [member('redis-9')] })).rejects.toThrow('connection closed');
  });
});
