import { describe, expect, it } from 'vitest';
import { LockRequests, type Claim } from '../../../lib/lock/lock-requests.js';
import type { VotingScript } from '../../../lib/member/vote-request.js';
import { GroupKeys } from '../../../lib/quorum/group-keys.js';
import type { FanOutListener } from '../../../lib/quorum/fan-out.js';
import type { Group } from '../../../lib/quorum/group.js';

interface Sent {
  /** `all` members, or one. */
  readonly to: string;
  readonly script: string;
  readonly keys: readonly string[];
  readonly text: string;
}

const members = [{ name: 'redis-1' }, { name: 'redis-2' }];
const exclusive: Claim = { keys: ['a', 'b'], holder: 'h', mode: 'exclusive' };
const shared: Claim = { ...exclusive, mode: 'shared' };
const records = ['p:lock:a', 'p:lock:b'];
const all = [...records, 'p:line:a', 'p:line:b', 'p:readers:a', 'p:readers:b'];

/** Requests to a group that notes what is sent; `reply` is what a member answers to the last fan-out. */
function create() {
  const sent: Sent[] = [];
  let listener: FanOutListener | undefined;
  const note = (to: string, { script }: VotingScript, keys: readonly string[], [text]: readonly unknown[]): void => {
    sent.push({ to, script: script.name, keys, text: String(text) });
  };
  const group = {
    keys: new GroupKeys('p'),
    votingScripts: [],
    members,
    fanOut: (script: VotingScript, keys: string[], args: unknown[], _: unknown, given?: FanOutListener) => {
      listener = given;
      note('all', script, keys, args);
    },
    ask: (member: { name: string }, script: VotingScript, keys: string[], args: unknown[]) => {
      note(member.name, script, keys, args);
      return Promise.resolve(undefined);
    },
  };
  const requests = new LockRequests(group as unknown as Group, 86_400_000);
  return { requests, sent, reply: (value: unknown) => listener?.onReply?.(1, value) };
}

describe('lock requests', () => {
  it('name for an exclusive lock its records only', () => {
    const { requests, sent } = create();
    requests.grant(exclusive, 1_732_345_678_901_234, 10_000, { kind: 'direct', lineMs: 3000 });
    requests.grant(exclusive, 17, 10_000, { kind: 'turn', previous: ['p1', 'p2'] });
    requests.extend(exclusive, 17, 10_000);
    requests.release(exclusive, false, 50);
    expect(sent.map(({ text }) => text)).toEqual([
      '02 acquire 1732345678901234 h 10000 3000 -',
      '02 acquire 0000000000000017 h 10000 turn p1,p2',
      '02 extend 0000000000000017 10000 h',
      '02 release 50 h',
    ]);
    for (const { to, script, keys } of sent) expect([to, script, keys]).toEqual(['all', 'votes', records]);
  });

  it('name for a shared lock records, lines and readers', () => {
    const { requests, sent } = create();
    requests.grant(shared, 17, 10_000, { kind: 'direct', lineMs: 0 });
    requests.extend(shared, 17, 10_000);
    requests.release(shared, false);
    expect(sent.map(({ text }) => text)).toEqual([
      '02 acquire_shared 0000000000000017 10000 0 h',
      '02 extend_shared 0000000000000017 10000 h',
      '02 release_all 0 h',
    ]);
    for (const { to, script, keys } of sent) expect([to, script, keys]).toEqual(['all', 'line_votes', all]);
  });

  it('ask one member for the turn, or give it back', async () => {
    const { requests, sent } = create();
    const home = members[0] as never;
    await requests.ask(home, 'a', exclusive, 'p:inbox:c');
    requests.leave(home, 'a', shared, '-');
    expect(sent.map(({ to, text }) => `${to}: ${text}`)).toEqual([
      'redis-1: 01 ask h exclusive p:inbox:c 500',
      'redis-1: 01 leave h shared -',
    ]);
  });

  it('look at the line in the same step when the lock is known to be contended', () => {
    const { requests, sent } = create();
    requests.release(exclusive, true, 50);
    expect(sent).toEqual([{ to: 'all', script: 'line_votes', keys: all, text: '02 release_all 50 h' }]);
  });

  it('look at the line of a member that knows of one, after a release that did not', () => {
    const { requests, sent, reply } = create();
    requests.release(exclusive, false);
    reply('RELEASED');
    expect(sent).toHaveLength(1);
    reply('LINED');
    expect(sent[1]).toEqual({ to: 'redis-2', script: 'line_votes', keys: all, text: '02 release_all 0 h' });
  });

  it('do not take back what a release keeps taken (minHold) at a member that knows of a line', () => {
    const { requests, sent, reply } = create();
    requests.release(exclusive, false, 500);
    reply('LINED');
    expect(sent.slice(1).map(({ text }) => text)).not.toContain('02 release_all 0 h');
  });
});
