import { describe, expect, it } from 'vitest';
import { homeOrder } from '../../../lib/quorum/home-order.js';

const members = Array.from({ length: 5 }, (_, i) => ({ incarnation: `${i}f3a9c0d1e2b4a5968${i}7`.padEnd(40, 'e') }));
const names = Array.from({ length: 5000 }, (_, i) => `seat:${i}`);

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));
}

describe('homeOrder', () => {
  it('is the same for every client, however it lists the members', () => {
    for (const name of names.slice(0, 20)) {
      const expected = homeOrder(name, members);
      for (const listed of permutations(members)) expect(homeOrder(name, listed)).toEqual(expected);
    }
  });

  it('names every member once', () => {
    for (const name of names.slice(0, 100)) expect(new Set(homeOrder(name, members))).toEqual(new Set(members));
  });

  it('moves only the names of a member that is lost, each to the one that came next', () => {
    for (const lost of members) {
      const left = members.filter((member) => member !== lost);
      for (const name of names.slice(0, 500)) {
        const before = homeOrder(name, members);
        expect(homeOrder(name, left)).toEqual(before.filter((member) => member !== lost));
      }
    }
  });

  it('spreads names evenly over the members', () => {
    const counts = new Map(members.map((member) => [member, 0]));
    for (const name of names) counts.set(homeOrder(name, members)[0]!, counts.get(homeOrder(name, members)[0]!)! + 1);
    const fair = names.length / members.length;
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(fair * 0.85);
      expect(count).toBeLessThan(fair * 1.15);
    }
  });

  it('spreads the names of a lost member over all others', () => {
    const [lost, ...left] = members;
    const heirs = names.filter((name) => homeOrder(name, members)[0] === lost).map((name) => homeOrder(name, left)[0]!);
    for (const member of left) {
      expect(heirs.filter((heir) => heir === member).length).toBeGreaterThan((heirs.length / left.length) * 0.75);
    }
  });

  it('knows no home among no members', () => {
    expect(homeOrder('seat:1', [])).toEqual([]);
  });
});
