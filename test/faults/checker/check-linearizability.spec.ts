import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../support/random.js';
import { checkLinearizability, type KvOperation, type LinearizabilityVerdict } from './check-linearizability.js';
import { valueAfter, type KvAction, type KvResult, type KvValue } from './kv-operation.js';

const get: KvAction = { kind: 'get' };
const remove: KvAction = { kind: 'delete' };
const set = (value: string): KvAction => ({ kind: 'set', value });
const cas = (expected: string | null, next: string): KvAction => ({ kind: 'cas', expected, next });
const add = (by = 1): KvAction => ({ kind: 'increment', by });

/** Called at the first time, returned at the second with this result. */
function ok(action: KvAction, [calledAt, returnedAt]: [number, number], result: KvResult, key = 'k'): KvOperation {
  return { process: 'p', key, action, calledAt, returnedAt, outcome: { kind: 'ok', result } };
}

function unknown(action: KvAction, calledAt: number): KvOperation {
  return { process: 'u', key: 'k', action, calledAt, returnedAt: Infinity, outcome: { kind: 'unknown' } };
}

function failed(action: KvAction, [calledAt, returnedAt]: [number, number]): KvOperation {
  return { process: 'f', key: 'k', action, calledAt, returnedAt, outcome: { kind: 'failed' } };
}

/** The operations a violation could not place; `linearizable` or `undecided` otherwise. */
function verdictOf(operations: KvOperation[]): LinearizabilityVerdict['kind'] | KvOperation[] {
  const verdict = checkLinearizability(operations);
  return verdict.kind === 'violation' ? [...verdict.unplaced] : verdict.kind;
}

describe('the linearizability checker', () => {
  describe('on reads and sets', () => {
    it('accepts one after the other, and either order of what went on at once', () => {
      expect(verdictOf([])).toBe('linearizable');
      expect(verdictOf([ok(get, [0, 1], null), ok(set('a'), [2, 3], null), ok(get, [4, 5], 'a')])).toBe('linearizable');
      for (const seen of ['a', 'b'])
        expect(verdictOf([ok(set('a'), [0, 5], null), ok(set('b'), [1, 4], null), ok(get, [6, 7], seen)])).toBe(
          'linearizable',
        );
    });

    it('accepts a read of the old or the new value while a set goes on', () => {
      for (const seen of ['a', 'b'])
        expect(verdictOf([ok(set('a'), [0, 1], null), ok(set('b'), [2, 9], null), ok(get, [3, 4], seen)])).toBe(
          'linearizable',
        );
    });

    it('objects to a stale read', () => {
      const stale = ok(get, [4, 5], 'a');
      expect(verdictOf([ok(set('a'), [0, 1], null), ok(set('b'), [2, 3], null), stale])).toEqual([stale]);
    });

    it('objects to reads that go back, though each alone could be right', () => {
      const back = ok(get, [5, 6], 'a');
      expect(verdictOf([ok(set('a'), [0, 1], null), ok(set('b'), [2, 9], null), ok(get, [3, 4], 'b'), back])).toEqual([
        back,
      ]);
    });

    it('objects to a value from nowhere, and to one read before it was set', () => {
      const nowhere = ok(get, [2, 3], 'z');
      expect(verdictOf([ok(set('a'), [0, 1], null), nowhere])).toEqual([nowhere]);
      const early = ok(get, [0, 1], 'a');
      expect(verdictOf([early, ok(set('a'), [2, 3], null)])).toEqual([early]);
    });

    it('objects to a lost value', () => {
      const lost = ok(get, [2, 3], null);
      expect(verdictOf([ok(set('a'), [0, 1], null), lost])).toEqual([lost]);
    });

    it('judges keys each on its own, and names the bad one', () => {
      const lost = ok(get, [2, 3], null, 'bad');
      const operations = [ok(set('a'), [0, 1], null, 'good'), ok(set('a'), [0, 1], null, 'bad'), lost];
      const verdict = checkLinearizability([...operations, ok(get, [4, 5], 'a', 'good')]);
      expect(verdict).toMatchObject({ kind: 'violation', key: 'bad', unplaced: [lost], value: 'a' });
    });

    it('says what went on beside it and what came last before it', () => {
      const [first, beside, bad] = [ok(set('a'), [0, 1], null), ok(set('b'), [2, 9], null), ok(get, [3, 4], 'c')];
      expect(checkLinearizability([first, beside, bad])).toMatchObject({ concurrent: [beside], lastPlaced: [first] });
    });
  });

  describe('on compare-and-set', () => {
    it('accepts one winner of several', () => {
      const rivals = [ok(cas(null, 'a'), [0, 5], false), ok(cas(null, 'b'), [1, 4], true)];
      expect(verdictOf([...rivals, ok(get, [6, 7], 'b')])).toBe('linearizable');
    });

    it('objects to two winners', () => {
      const winners = [ok(cas(null, 'a'), [0, 5], true), ok(cas(null, 'b'), [1, 4], true)];
      expect(verdictOf(winners)).toEqual([winners[0]]);
    });

    it('objects to a refusal on the expected value', () => {
      const refused = ok(cas('a', 'b'), [2, 3], false);
      expect(verdictOf([ok(set('a'), [0, 1], null), refused])).toEqual([refused]);
    });

    it('objects to a swap that was lost', () => {
      const lost = ok(get, [4, 5], 'a');
      expect(verdictOf([ok(set('a'), [0, 1], null), ok(cas('a', 'b'), [2, 3], true), lost])).toEqual([lost]);
    });
  });

  describe('on increments', () => {
    it('accepts concurrent ones in the order of their results', () => {
      const both = [ok(add(), [0, 5], 2), ok(add(), [1, 4], 1)];
      expect(verdictOf([...both, ok(get, [6, 7], '2')])).toBe('linearizable');
    });

    it('objects to two with the same result, that is one lost', () => {
      expect(verdictOf([ok(add(), [0, 5], 1), ok(add(), [1, 4], 1)])).toHaveLength(1);
    });

    it('objects to one that counted twice', () => {
      const doubled = ok(get, [2, 3], '2');
      expect(verdictOf([ok(add(), [0, 1], 1), doubled])).toEqual([doubled]);
    });

    it('objects to one that started again from nothing', () => {
      const again = ok(add(), [4, 5], 1);
      expect(verdictOf([ok(add(), [0, 1], 1), ok(add(), [2, 3], 2), again])).toEqual([again]);
    });
  });

  describe('on deletes', () => {
    it('accepts absence after one, and a second that finds nothing', () => {
      const deleted = [ok(set('a'), [0, 1], null), ok(remove, [2, 3], true), ok(get, [4, 5], null)];
      expect(verdictOf([...deleted, ok(remove, [6, 7], false)])).toBe('linearizable');
    });

    it('objects to a value that comes back', () => {
      const risen = ok(get, [6, 7], 'a');
      const deleted = [ok(set('a'), [0, 1], null), ok(remove, [2, 3], true), ok(get, [4, 5], null)];
      expect(verdictOf([...deleted, risen])).toEqual([risen]);
    });

    it('objects to two that both found the one value', () => {
      const deletes = [ok(remove, [2, 6], true), ok(remove, [3, 5], true)];
      expect(verdictOf([ok(set('a'), [0, 1], null), ...deletes])).toEqual([deletes[0]]);
    });
  });

  describe('on unknown outcomes', () => {
    const before = ok(set('a'), [0, 1], null);
    const open = unknown(set('b'), 2);

    it('accepts one that was applied, was not, or was applied late', () => {
      expect(verdictOf([before, open, ok(get, [5, 6], 'b')])).toBe('linearizable');
      expect(verdictOf([before, open, ok(get, [5, 6], 'a')])).toBe('linearizable');
      expect(verdictOf([before, open, ok(get, [5, 6], 'a'), ok(get, [7, 8], 'b')])).toBe('linearizable');
    });

    it('objects to one that was applied twice, or before it was called', () => {
      const twice = ok(get, [9, 10], 'b');
      expect(verdictOf([before, open, ok(get, [3, 4], 'b'), ok(set('c'), [5, 6], null), twice])).toEqual([twice]);
      const early = ok(get, [0.5, 1.5], 'b');
      expect(verdictOf([open, early])).toEqual([early]);
    });

    it('counts unknown increments once each at most', () => {
      const three = [ok(add(), [0, 1], 1), unknown(add(), 2), unknown(add(), 2)];
      for (const sum of ['1', '2', '3']) expect(verdictOf([...three, ok(get, [5, 6], sum)])).toBe('linearizable');
      const over = ok(get, [5, 6], '4');
      expect(verdictOf([...three, over])).toEqual([over]);
    });

    it('needs several in a row to explain a chain of swaps', () => {
      const chain = [before, unknown(cas('a', 'x'), 2), unknown(cas('x', 'y'), 2)];
      expect(verdictOf([...chain, ok(get, [5, 6], 'y')])).toBe('linearizable');
      const broken = ok(get, [5, 6], 'y');
      expect(verdictOf([before, unknown(cas('x', 'y'), 2), broken])).toEqual([broken]);
    });

    it('accepts a value that ends by itself, once', () => {
      const expire = (value: string, calledAt: number): KvOperation => unknown({ kind: 'expire', value }, calledAt);
      const gone = [before, expire('a', 0), ok(get, [2, 3], 'a'), ok(get, [4, 5], null)];
      expect(verdictOf(gone)).toBe('linearizable');
      const risen = ok(get, [6, 7], 'a');
      expect(verdictOf([...gone, risen])).toEqual([risen]);
      const other = ok(get, [2, 3], null);
      expect(verdictOf([before, expire('b', 0), other])).toEqual([other]);
      expect(verdictOf([before, unknown(set('b'), 2), expire('b', 2), ok(get, [4, 5], null)])).toBe('linearizable');
    });

    it('objects to the effect of one that surely failed', () => {
      const seen = ok(get, [5, 6], 'b');
      expect(verdictOf([before, failed(set('b'), [2, 3]), seen])).toEqual([seen]);
    });
  });

  it('says undecided, not linearizable, when its steps run out', () => {
    const many = Array.from({ length: 12 }, (_, i) => ok(set(`${i}`), [0, 100], null));
    const verdict = checkLinearizability([...many, ok(get, [101, 102], 'never set')], { maxSteps: 20 });
    expect(verdict).toEqual({ kind: 'undecided', key: 'k' });
  });

  it('refuses an operation that returned before it was called', () => {
    expect(() => checkLinearizability([ok(get, [2, 1], null)])).toThrow(RangeError);
  });

  it('agrees with trying every order, on 3,000 small random histories, of which some are good and some bad', () => {
    const draw = seededRandom(2026);
    const kinds = { linearizable: 0, violation: 0, undecided: 0 };
    for (let round = 0; round < 3_000; round++) {
      const history = Array.from({ length: 5 }, () => randomOperation(draw));
      const { kind } = checkLinearizability(history);
      kinds[kind]++;
      expect([kind, history]).toEqual([hasSomeOrder(history) ? 'linearizable' : 'violation', history]);
    }
    expect(kinds.linearizable).toBeGreaterThan(300);
    expect(kinds.violation).toBeGreaterThan(300);
  });
});

function randomOperation(draw: () => number): KvOperation {
  const pick = <T>(...of: T[]): T => of[Math.floor(draw() * of.length)]!;
  const action = pick(get, get, set('1'), set('2'), cas(null, '1'), cas('1', '2'), add(), remove, {
    kind: 'expire' as const,
    value: '1',
  });
  const calledAt = Math.floor(draw() * 6);
  if (draw() < 0.15 || action.kind === 'expire') return unknown(action, calledAt);
  const results: Record<Exclude<KvAction['kind'], 'expire'>, KvResult[]> = {
    get: [null, '1', '2'],
    set: [null],
    cas: [true, false],
    increment: [1, 2, 3],
    delete: [true, false],
  };
  return ok(action, [calledAt, calledAt + 0.5 + Math.floor(draw() * 4)], pick(...results[action.kind]));
}

/** The definition itself: some order of all known and any of the unknown ones keeps real time and gives each its result. */
function hasSomeOrder(left: readonly KvOperation[], value: KvValue = null): boolean {
  if (left.every(({ outcome }) => outcome.kind !== 'ok')) return true;
  return left.some((one) => {
    if (left.some((other) => other.returnedAt < one.calledAt)) return false;
    if (one.outcome.kind === 'ok' && !explains(one.action, one.outcome.result, value)) return false;
    return hasSomeOrder(
      left.filter((other) => other !== one),
      valueAfter(one.action, value),
    );
  });
}

function explains(action: KvAction, result: KvResult, value: KvValue): boolean {
  if (action.kind === 'get') return value === result;
  if (action.kind === 'cas') return (value === action.expected) === result;
  if (action.kind === 'increment') return Number(value ?? 0) + action.by === result;
  if (action.kind === 'expire') return false;
  return action.kind === 'set' || (value !== null) === result;
}
