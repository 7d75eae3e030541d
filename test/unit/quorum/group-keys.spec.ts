import { describe, expect, it } from 'vitest';
import { GroupKeys } from '../../../lib/quorum/group-keys.js';

describe('GroupKeys', () => {
  const keys = new GroupKeys('majority');

  it('keeps a user key within its kind, whatever it contains', () => {
    const own = [...keys.own, keys.of('line', 'a'), keys.inbox('c')];
    for (const hostile of ['member', 'rejoin', ':member', '../member', 'line:a', 'inbox:c', '*', '{x}']) {
      expect(keys.of('lock', hostile)).toBe(`majority:lock:${hostile}`);
      expect(own).not.toContain(keys.of('lock', hostile));
    }
  });

  it('matches by pattern all keys of one kind, or of the group', () => {
    expect(keys.pattern('lock')).toBe('majority:lock:*');
    expect(keys.pattern()).toBe('majority:*');
  });

  it('lists what is no record: marker, ticket and scratch key', () => {
    expect(keys.own).toEqual(['majority:member', 'majority:rejoin', 'majority:preflight']);
  });
});
