import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attemptOf, redriven, redrivesOf } from '../../../lib/queue/message-attempts.js';
import {
  groupOfRecord,
  parseRecord,
  RecordReader,
  recordText,
  type MessageRecord,
} from '../../../lib/queue/message-record.js';

const names = fc.oneof(
  fc.constant(''),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('a', ' ', '7', 'ä', '€', '😀', '-', '0'), minLength: 1, maxLength: 20 }),
);
const backoffs = fc.oneof(
  fc.constant(undefined),
  fc.record({
    type: fc.constant('fixed' as const),
    delay: fc.nat(),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({
    type: fc.constant('exponential' as const),
    delay: fc.nat(),
    jitter: fc.constantFrom(0, 0.25, 1),
    max: fc.oneof(fc.nat(), fc.constant(undefined)),
  }),
);
const records: fc.Arbitrary<MessageRecord> = fc.record({
  priority: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  group: names,
  maxAttempts: fc.integer({ min: 1, max: 1000 }),
  backoff: backoffs,
  callerId: names,
  trace: fc.constantFrom('', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
  body: fc.record({ kind: fc.constantFrom('S' as const, 'B' as const), text: fc.string({ unit: 'binary' }) }),
});

describe('the text of a record', () => {
  it('carries whatever a message may have, in any language', () => {
    fc.assert(
      fc.property(records, (record) => {
        // -0 and 0 are one jitter
        expect(parseRecord(recordText(record))).toEqual(normal(record));
      }),
      { numRuns: 1000 },
    );
  });

  it('survives the way to a member and back, which counts bytes', () => {
    fc.assert(
      fc.property(records, (record) => {
        const bytes = Buffer.from(recordText(record));
        expect(parseRecord(bytes.toString())).toEqual(normal(record));
        // read as the members' scripts do it
        const [head, priority, size] = /^(-?\d+) (\d+) /.exec(bytes.toString('latin1')) as unknown as string[];
        expect(Number(priority)).toBe(record.priority);
        expect(bytes.subarray(head!.length, head!.length + Number(size)).toString()).toBe(record.group);
      }),
    );
  });

  it('is read alike after one that begins the same or otherwise', () => {
    const reader = new RecordReader();
    fc.assert(
      fc.property(records, fc.array(fc.tuple(records, fc.boolean())), (first, others) => {
        for (const [other, isAlike] of others) {
          const record = isAlike ? { ...first, body: other.body } : other;
          const { head, body } = reader.read(recordText(record));
          expect({ ...head, body }).toEqual(normal(record));
        }
      }),
    );
  });

  it('is as it was before there were traces, for a message without one', () => {
    const record = {
      priority: 2,
      group: 'a b',
      maxAttempts: 5,
      callerId: 'mine',
      body: { kind: 'S', text: '1' },
    } as const;
    const backoff = { type: 'fixed', delay: 100, jitter: 0 } as const;
    expect(recordText({ ...record, backoff, trace: '' })).toBe('2 3 a bS5 f100,,0 4 mine1');
    expect(recordText({ ...record, backoff: undefined, trace: '' })).toBe('2 3 a bS5 - 4 mine1');
  });

  it('tells its group without being read to the end', () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(groupOfRecord(recordText(record))).toBe(record.group);
      }),
    );
  });
});

function normal({ backoff, ...record }: MessageRecord) {
  if (!backoff) return { ...record, backoff };
  return { ...record, backoff: { ...backoff, jitter: Math.abs(backoff.jitter ?? 0) } };
}

describe('attempts as members count them', () => {
  it('begin anew with each redrive, and stay above all before it', () => {
    expect([0, 1, 999].map(attemptOf)).toEqual([0, 1, 999]);
    expect([attemptOf(1_000_000), attemptOf(3_000_002)]).toEqual([0, 2]);
    expect([redrivesOf(999_999), redrivesOf(1_000_000), redrivesOf(3_000_002)]).toEqual([0, 1, 3]);
    expect([redriven(0), redriven(7), redriven(1_000_007)]).toEqual([1_000_000, 1_000_000, 2_000_000]);
  });
});
