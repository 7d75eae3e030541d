import { describe, expect, it } from 'vitest';
import { quorumOf, Tally, type Verdict } from '../../../lib/quorum/tally.js';

type Vote = 'grant' | 'refuse' | 'fail';
const votes: readonly Vote[] = ['grant', 'refuse', 'fail'];
const sizes = [1, 2, 3, 4, 5, 6, 7];

/** Every sequence of `length` votes. */
function* sequences(length: number): Generator<readonly Vote[]> {
  if (length === 0) return yield [];
  for (const rest of sequences(length - 1)) for (const vote of votes) yield [...rest, vote];
}

/** What the votes of all N members together mean. */
function meaningOf(all: readonly Vote[], quorum: number): Exclude<Verdict, 'pending'> {
  const count = (kind: Vote): number => all.filter((vote) => vote === kind).length;
  if (count('grant') >= quorum) return 'granted';
  return count('grant') + count('refuse') >= quorum ? 'refused' : 'no-quorum';
}

/** All meanings that some completion of the votes so far leads to. */
function possibleMeanings(soFar: readonly Vote[], groupSize: number, quorum: number): Set<Verdict> {
  const meanings = new Set<Verdict>();
  for (const rest of sequences(groupSize - soFar.length)) meanings.add(meaningOf([...soFar, ...rest], quorum));
  return meanings;
}

function verdictsOf(sequence: readonly Vote[], groupSize: number): Verdict[] {
  const tally = new Tally(groupSize, quorumOf(groupSize));
  return sequence.map((vote) => tally[vote]());
}

describe('quorumOf', () => {
  it('is the smallest size of which any two share a member (S06)', () => {
    for (let groupSize = 1; groupSize <= 99; groupSize++) {
      const quorum = quorumOf(groupSize);
      expect(2 * quorum).toBeGreaterThan(groupSize);
      expect(2 * (quorum - 1)).toBeLessThanOrEqual(groupSize);
    }
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [6, 4],
    [7, 4],
  ])('of %i is %i', (groupSize, quorum) => {
    expect(quorumOf(groupSize)).toBe(quorum);
  });
});

describe('Tally', () => {
  it.each(sizes)('with all %i votes in gives their meaning, whatever their order', (groupSize) => {
    for (const sequence of sequences(groupSize)) {
      expect(verdictsOf(sequence, groupSize).at(-1), sequence.join()).toBe(meaningOf(sequence, quorumOf(groupSize)));
    }
  });

  it.each([1, 2, 3, 4, 5])('of %i says granted with the vote that makes a quorum, and not before', (groupSize) => {
    const quorum = quorumOf(groupSize);
    for (const sequence of sequences(groupSize)) {
      const verdicts = verdictsOf(sequence, groupSize);
      let grants = 0;
      sequence.forEach((vote, index) => {
        if (vote === 'grant') grants += 1;
        expect(verdicts[index] === 'granted', `${sequence.join()} at ${index}`).toBe(grants >= quorum);
      });
    }
  });

  it.each([1, 2, 3, 4, 5])('of %i says no-quorum as soon as too few can vote, and not before', (groupSize) => {
    for (const sequence of sequences(groupSize)) {
      const verdicts = verdictsOf(sequence, groupSize);
      let failures = 0;
      let isGranted = false;
      sequence.forEach((vote, index) => {
        if (vote === 'fail') failures += 1;
        isGranted ||= verdicts[index] === 'granted';
        const tooFew = !isGranted && groupSize - failures < quorumOf(groupSize);
        expect(verdicts[index] === 'no-quorum', `${sequence.join()} at ${index}`).toBe(tooFew);
      });
    }
  });

  it.each([1, 2, 3, 4, 5])(
    'of %i says refused as soon as a quorum voted and none can be granted any more, and not before',
    (groupSize) => {
      const quorum = quorumOf(groupSize);
      for (const sequence of sequences(groupSize)) {
        const verdicts = verdictsOf(sequence, groupSize);
        for (let seen = 1; seen <= groupSize; seen++) {
          const soFar = sequence.slice(0, seen);
          const voted = soFar.filter((vote) => vote !== 'fail').length;
          const canBeGranted = possibleMeanings(soFar, groupSize, quorum).has('granted');
          expect(verdicts[seen - 1] === 'refused', soFar.join()).toBe(!canBeGranted && voted >= quorum);
        }
      }
    },
  );

  it.each([1, 2, 3, 4, 5])('of %i never takes back a verdict', (groupSize) => {
    for (const sequence of sequences(groupSize)) {
      const decided = verdictsOf(sequence, groupSize).filter((verdict) => verdict !== 'pending');
      expect(new Set(decided).size, sequence.join()).toBeLessThanOrEqual(1);
    }
  });

  it('counts members that the client does not know as failed from the start', () => {
    const tally = new Tally(5, 3);
    expect(tally.fail(2)).toBe('pending');
    expect(tally.fail()).toBe('no-quorum');
    const other = new Tally(5, 3);
    other.fail(2);
    expect(other.grant()).toBe('pending');
    expect(other.grant()).toBe('pending');
    expect(other.grant()).toBe('granted');
  });
});
