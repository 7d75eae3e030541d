import { describe, expect, it } from 'vitest';
import { slotOf } from '../../../lib/member/key-slot.js';
import { markerEnd, partitionOf, partitionPrefix, partitionsIn } from '../../../lib/quorum/partition-space.js';
import { resolveGroupOptions } from '../../../lib/quorum/resolve-group-options.js';

const nodes = ['redis://a'];

describe('the partition of a name', () => {
  it('is the part of all slots that its own slot is in', () => {
    for (const partitions of [1, 2, 3, 12, 256]) {
      for (const name of ['', 'foo', 'bar', '123456789', 'schlüssel-🔒']) {
        const index = partitionOf(name, partitions);
        expect(index * (16_384 / partitions)).toBeLessThanOrEqual(slotOf(name));
        expect((index + 1) * (16_384 / partitions)).toBeGreaterThan(slotOf(name));
      }
    }
  });

  it('is the same for names with a common tag, and about evenly spread for others', () => {
    const counts = new Array<number>(12).fill(0);
    for (let i = 0; i < 12_000; i++) counts[partitionOf(`name-${i}`, 12)]! += 1;
    for (const count of counts) expect(count).toBeGreaterThan(800);
    expect(new Set(['{a}', '{a}b', 'x{a}', 'a'].map((name) => partitionOf(name, 256))).size).toBe(1);
  });
});

describe('the key prefix of a partition', () => {
  it('is the group’s own for the first, however many there are', () => {
    for (const partitions of [1, 2, 256]) expect(partitionPrefix('majority', 0, partitions)).toBe('majority');
  });

  it('is none that a user could give, and none twice', () => {
    const prefixes = Array.from({ length: 256 }, (_, index) => partitionPrefix('majority', index, 256));
    expect(new Set(prefixes).size).toBe(256);
    for (const keyPrefix of prefixes.slice(1)) {
      expect(() => resolveGroupOptions({ nodes, keyPrefix })).toThrow(/keyPrefix/);
      // no pattern for the keys of one finds those of another
      expect(prefixes.filter((other) => keyPrefix.startsWith(`${other}:`))).toEqual([]);
    }
  });

  it.each([3, 12, 96, 256])('spreads %i partitions evenly over the masters of a Cluster', (partitions) => {
    const slots = Array.from({ length: partitions }, (_, index) =>
      slotOf(partitionPrefix('tickets', index, partitions)),
    );
    for (let shard = 0; shard < 3; shard++) {
      const [from, to] = [(16_384 * shard) / 3, (16_384 * (shard + 1)) / 3];
      const carried = slots.filter((slot) => slot >= from && slot < to).length;
      expect(Math.abs(carried - partitions / 3)).toBeLessThanOrEqual(1);
    }
  });
});

describe('a marker', () => {
  it('tells of how many partitions it is, nothing for one', () => {
    expect(markerEnd(1)).toBe('');
    for (const partitions of [1, 2, 256]) expect(partitionsIn(`0af3${markerEnd(partitions)}`)).toBe(partitions);
  });
});

describe('the option partitions', () => {
  it('is a whole number from 1 to 256, 1 by default', () => {
    expect(resolveGroupOptions({ nodes }).partitions).toBe(1);
    expect(resolveGroupOptions({ nodes, partitions: 256 }).partitions).toBe(256);
    for (const partitions of [0, 257, 1.5, '3' as never]) {
      expect(() => resolveGroupOptions({ nodes, partitions })).toThrow(
        'partitions must be a whole number from 1 to 256',
      );
    }
  });
});
