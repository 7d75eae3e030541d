import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Accepted,
  ballotText,
  contentText,
  historyAfterOwn,
  historyBefore,
  historyMax,
  historyUs,
  isExpired,
  nothing,
  parseAccepted,
} from '../../../lib/kv/register.js';

const number = fc.integer({ min: 1, max: 9_000_000_000_000_000 });
const content = fc.record({
  value: fc.option(fc.record({ kind: fc.constantFrom('S' as const, 'B' as const), text: fc.string() }), {
    nil: undefined,
  }),
  due: fc.integer({ min: 0, max: 9_999_999_999_999 }),
  token: fc.oneof(fc.constant(0), number),
});

function registerOf(version: number, history: readonly number[]): Accepted {
  return { ...nothing, ballot: version, version, history };
}

describe('the text of a register', () => {
  it('comes back as what it was made of', () => {
    fc.assert(
      fc.property(content, number, number, fc.array(number, { maxLength: 5 }), (made, ballot, version, history) => {
        const text = ballotText(ballot) + contentText(made, version, history);
        expect(parseAccepted(text)).toEqual({ ...made, ballot, version, history });
      }),
    );
  });

  it('without a version has that of its ballot, so that who makes it need not know', () => {
    const text = ballotText(77) + contentText({ value: undefined, due: 0, token: 0 }, undefined, []);
    expect(parseAccepted(text)).toEqual({ ...nothing, ballot: 77, version: 77 });
  });

  it('of a record that was only promised, or is not there, is nothing', () => {
    expect(parseAccepted('')).toBe(nothing);
    expect(parseAccepted(ballotText(0))).toBe(nothing);
  });

  it('has every ballot in 16 digits, so that texts and numbers have the same order', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(ballotText(a)).toHaveLength(16);
        expect(ballotText(a) < ballotText(b)).toBe(a < b);
      }),
    );
  });
});

describe('the history of a register', () => {
  const ballot = 100 * historyUs;

  it('gets the version that a change replaces, in front of those before', () => {
    expect(historyBefore(registerOf(ballot - 1, [ballot - 5, ballot - 9]), ballot)).toEqual([
      ballot - 1,
      ballot - 5,
      ballot - 9,
    ]);
    expect(historyBefore(nothing, ballot)).toEqual([]);
  });

  it('does not get a version that its own writer replaces: nobody else looks for it', () => {
    expect(historyAfterOwn(registerOf(ballot - 1, [ballot - 5]), ballot)).toEqual([ballot - 5]);
  });

  it('gets one that the writer only passed on: whoever made it may look for it', () => {
    const passedOn = { ...registerOf(ballot - 5, [ballot - 9]), ballot: ballot - 1 };
    expect(historyAfterOwn(passedOn, ballot)).toEqual([ballot - 5, ballot - 9]);
  });

  it.each([
    ['that of another', historyBefore],
    ['that of its own writer', historyAfterOwn],
  ])('after %s forgets what is too old', (_, after) => {
    const history = [ballot - historyUs + 1, ballot - historyUs, ballot - historyUs - 1];
    const kept = after(registerOf(ballot - 1, history), ballot);
    expect(kept.at(-1)).toBe(ballot - historyUs + 1);
  });

  it('forgets the oldest of too many', () => {
    const history = Array.from({ length: historyMax }, (_, index) => ballot - 2 - index);
    const kept = historyBefore(registerOf(ballot - 1, history), ballot);
    expect(kept).toEqual([ballot - 1, ...history.slice(0, -1)]);
  });
});

describe('the end of a value', () => {
  it('comes at its due time; a tombstone has none, nor has a value without', () => {
    const value = { kind: 'S', text: '1' } as const;
    expect(isExpired({ value, due: 1000, token: 0 }, 999)).toBe(false);
    expect(isExpired({ value, due: 1000, token: 0 }, 1000)).toBe(true);
    expect(isExpired({ value, due: 0, token: 0 }, 1000)).toBe(false);
    expect(isExpired({ value: undefined, due: 1000, token: 0 }, 2000)).toBe(false);
  });
});
