import { describe, expect, it } from 'vitest';
import { planRejoin, sourcesNeeded, type RejoinSituation, type Standing } from '../../../lib/quorum/rejoin-plan.js';
import { quorumOf } from '../../../lib/quorum/tally.js';

const sizes = [1, 3, 4, 5];

/** `v` valid, `s` stale, `n` none; a small letter holds records, a capital one is empty; `.` is not reachable. */
function standings(text: string): Standing[] {
  const markers = { v: 'valid', s: 'stale', n: 'none' } as const;
  return [...text].flatMap((letter, index) => {
    if (letter === '.') return [];
    const marker = markers[letter.toLowerCase() as keyof typeof markers];
    return [{ index, marker, isEmpty: letter !== letter.toLowerCase() }];
  });
}

function plan(text: string, situation: Partial<RejoinSituation> = {}, target = text.search(/[sn]/i)) {
  return planRejoin(target, standings(text), {
    groupSize: text.length,
    policy: 'merge',
    isKnown: false,
    isAdopting: false,
    ...situation,
  });
}

describe('sourcesNeeded', () => {
  it('is so many that every quorum, less the member that forgot, has one of them (S10)', () => {
    for (let groupSize = 1; groupSize <= 9; groupSize++) {
      const quorum = quorumOf(groupSize);
      const others = groupSize - 1;
      const inQuorumWithout = quorum - 1;
      expect(sourcesNeeded(groupSize)).toBe(groupSize - quorum + 1);
      expect(sourcesNeeded(groupSize) + inQuorumWithout).toBeGreaterThan(others);
    }
  });
});

describe('the plan for a member that forgot', () => {
  it.each([
    ['nvv', [1, 2]],
    ['vnv', [0, 2]],
    ['nvv.', [1, 2]],
    ['nvvv', [1, 2]],
    ['vvn.', [0, 1]],
    ['nvvvv', [1, 2, 3]],
    ['nvvv.', [1, 2, 3]],
    ['v.nvv', [0, 3, 4]],
    ['nnvvv', [2, 3, 4]],
    ['svv', [1, 2]],
    ['SVV', [1, 2]],
  ])('%s is to copy from %j: N − quorum + 1 others that remember (S10)', (text, sources) => {
    expect(plan(text)).toEqual({ kind: 'copy', sources });
    expect(plan(text, { isKnown: true, policy: 'halt' })).toEqual({ kind: 'copy', sources });
  });

  it('never copies from the member itself, from one without a valid marker, or from too few (S10)', () => {
    for (const groupSize of sizes) {
      for (const letters of words(groupSize, 'vsn.')) {
        const target = letters.search(/[sn]/);
        if (target === -1) continue;
        const found = plan(letters, {}, target);
        const valid = [...letters].flatMap((letter, index) => (letter === 'v' ? [index] : []));
        const isEnough = valid.length >= sourcesNeeded(groupSize);
        expect(found.kind === 'copy', letters).toBe(isEnough);
        if (found.kind !== 'copy') continue;
        expect(found.sources).toHaveLength(sourcesNeeded(groupSize));
        expect(new Set(found.sources).size).toBe(found.sources.length);
        for (const source of found.sources) expect(valid).toContain(source);
      }
    }
  });

  it.each(['N', 'NNN', 'NNNN', 'NNNNN'])(
    '%s is to form a new group: all are here, empty and without a marker',
    (text) => {
      for (let target = 0; target < text.length; target++) expect(plan(text, {}, target)).toEqual({ kind: 'form' });
    },
  );

  it.each(['N', 'NNN', 'NNNN', 'NNNNN'])('%s is no new group for a client that has seen it vote', (text) => {
    expect(plan(text, { isKnown: true })).toEqual({ kind: 'merge' });
    expect(plan(text, { isKnown: true, policy: 'halt' })).toEqual({ kind: 'halted' });
  });

  it.each(['n', 's', 'S', 'nnn', 'nNN', 'SNN', 'snn', 'VNN', 'vnn', 'vnnn', 'vvnnn', 'vNNNN', 'sssss'])(
    '%s is to merge what all hold: too few remember, but all are here',
    (text) => {
      expect(plan(text)).toEqual({ kind: 'merge' });
      expect(plan(text, { isKnown: true })).toEqual({ kind: 'merge' });
      expect(plan(text, { policy: 'halt' })).toEqual({ kind: 'halted' });
    },
  );

  it.each(['VN.', 'VVN..'])('%s is to stay out, as one that votes proves that others may remember', (text) => {
    expect(plan(text)).toMatchObject({ kind: 'stay-out' });
    expect(plan(text, { isAdopting: true })).toEqual({ kind: 'adopt' });
  });

  it.each(['NN.', '.NN', 'NNN.', 'NNN..', 'N.NN.'])(
    '%s is to adopt what is there: a quorum is reachable, and empty',
    (text) => {
      expect(plan(text)).toEqual({ kind: 'adopt' });
      expect(plan(text, { isKnown: true })).toEqual({ kind: 'adopt' });
    },
  );

  it.each([
    ['N..', 2, 0],
    ['NN..', 2, 0],
    ['NN...', 3, 0],
    ['nN.', 2, 0],
    ['vn.', 2, 1],
    ['vN.', 2, 1],
    ['SN.', 2, 0],
    ['vnn.', 2, 1],
    ['vvn..', 3, 2],
    ['vvnn.', 3, 2],
    ['VVSN.', 3, 2],
  ])('%s is to stay out: %i must remember, %i do', (text, needed, remembering) => {
    expect(plan(text)).toEqual({ kind: 'stay-out', needed, remembering });
    expect(plan(text, { policy: 'halt', isKnown: true })).toEqual({ kind: 'stay-out', needed, remembering });
  });

  it('is never decided in favour of a minority of the group', () => {
    for (const groupSize of sizes) {
      for (const letters of words(groupSize, 'vVsSnN.')) {
        const target = letters.search(/[sn]/i);
        const reachable = letters.replaceAll('.', '').length;
        if (target === -1 || reachable >= quorumOf(groupSize)) continue;
        expect(plan(letters, {}, target).kind, letters).toBe('stay-out');
      }
    }
  });

  it('goes on without copies only where all reachable members are empty or all members are reachable', () => {
    for (const groupSize of sizes) {
      for (const letters of words(groupSize, 'vVsSnN.')) {
        const target = letters.search(/[sn]/i);
        if (target === -1) continue;
        const { kind } = plan(letters, {}, target);
        if (kind === 'adopt') expect(letters).toMatch(/^[VN.]+$/);
        if (kind === 'form') expect(letters).toMatch(/^N+$/);
        if (kind === 'merge') expect(letters).not.toContain('.');
      }
    }
  });
});

function* words(length: number, letters: string): Generator<string> {
  if (length === 0) return yield '';
  for (const rest of words(length - 1, letters)) for (const letter of letters) yield rest + letter;
}
