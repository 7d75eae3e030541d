import { describe, expect, it } from 'vitest';
import { homeOrder } from '../../../lib/quorum/home-order.js';
import { PreferredQuorum } from '../../../lib/quorum/preferred-quorum.js';
import { VirtualClock } from '../../support/virtual-clock.js';

interface FakeMember {
  readonly incarnation: string;
  state: string;
  isSlow: boolean;
  roundTripMs: number | undefined;
}

const incarnations = ['run-a', 'run-b', 'run-c', 'run-d', 'run-e'];

function create(size = 5, name = 'majority') {
  const clock = new VirtualClock();
  const members = incarnations
    .slice(0, size)
    .map((incarnation): FakeMember => ({ incarnation, state: 'voting', isSlow: false, roundTripMs: 1 }));
  const preferred = new PreferredQuorum(name, members, Math.floor(size / 2) + 1, clock);
  const order = homeOrder(name, members);
  // the first request goes to all
  preferred.choose();
  return { clock, members, preferred, order };
}

describe('PreferredQuorum', () => {
  it('asks the same quorum first whatever the order in which clients know the members, and all others then', () => {
    const { preferred, members, order, clock } = create();
    expect(preferred.choose()!.first).toEqual(order.slice(0, 3));
    expect(new Set(preferred.choose()!.rest)).toEqual(new Set(order.slice(3)));
    const other = new PreferredQuorum('majority', members.toReversed(), 3, clock);
    expect(other.choose()).toBeUndefined();
    expect(other.choose()!.first).toEqual(order.slice(0, 3));
  });

  it('prefers different members in different groups', () => {
    const names = Array.from({ length: 100 }, (_, index) => `group-${index}`);
    const chosen = names.map((name) => create(5, name).preferred.choose()!.first);
    const counts = incarnations.map((one) => chosen.filter((first) => first.some((m) => m.incarnation === one)).length);
    for (const count of counts) expect(count).toBeGreaterThan(40);
  });

  it('goes on to the next member when one no longer votes', () => {
    const { preferred, order } = create();
    expect(preferred.choose()!.first).toEqual(order.slice(0, 3));
    order[1]!.state = 'suspect';
    preferred.forget();
    expect(preferred.choose()!.first).toEqual([order[0], order[2], order[3]]);
    expect(new Set(preferred.choose()!.rest)).toEqual(new Set([order[1], order[4]]));
  });

  it('asks all while no more than a quorum votes', () => {
    const { preferred, order } = create();
    for (const member of order.slice(3)) member.state = 'down';
    expect(preferred.choose()).toBeUndefined();
    expect(create(1).preferred.choose()).toBeUndefined();
  });

  it('asks all while one of the preferred is slow', () => {
    const { preferred, order } = create();
    order[4]!.isSlow = true;
    expect(preferred.choose()).toBeDefined();
    order[2]!.isSlow = true;
    expect(preferred.choose()).toBeUndefined();
    order[2]!.isSlow = false;
    expect(preferred.choose()).toBeDefined();
  });

  it('asks all with the first request, and again once a second', async () => {
    const { members, clock } = create();
    const preferred = new PreferredQuorum('majority', members, 3, clock);
    const isThrifty = () => preferred.choose() !== undefined;
    expect([isThrifty(), isThrifty()]).toEqual([false, true]);
    await clock.advance(999);
    expect(isThrifty()).toBe(true);
    await clock.advance(1);
    expect([isThrifty(), isThrifty()]).toEqual([false, true]);
  });

  it('asks all where another quorum is much nearer, and looks again at that', async () => {
    const { preferred, order, clock } = create();
    order[0]!.roundTripMs = 1.75;
    expect(preferred.choose()).toBeDefined();
    order[0]!.roundTripMs = 1.8;
    await clock.advance(250);
    expect(preferred.choose()).toBeUndefined();
    order[0]!.roundTripMs = 1.5;
    await clock.advance(249);
    expect(preferred.choose()).toBeUndefined();
    await clock.advance(1);
    expect(preferred.choose()).toBeDefined();
  });

  it('takes none for nearer that has not answered yet', () => {
    const { preferred, order } = create();
    for (const member of order) member.roundTripMs = undefined;
    expect(preferred.choose()).toBeDefined();
    order[1]!.roundTripMs = 500;
    preferred.forget();
    expect(preferred.choose()).toBeDefined();
  });

  it('names homes among the preferred first, each part in its own home order', () => {
    const { preferred, order } = create();
    const homes = new Map<string, number>();
    for (let i = 0; i < 300; i++) {
      const name = `seat:${i}`;
      const found = preferred.homesOf(name);
      expect(found).toEqual([...homeOrder(name, order.slice(0, 3)), ...homeOrder(name, order.slice(3))]);
      homes.set(found[0]!.incarnation, (homes.get(found[0]!.incarnation) ?? 0) + 1);
    }
    expect([...homes.keys()].sort()).toEqual(
      order
        .slice(0, 3)
        .map(({ incarnation }) => incarnation)
        .sort(),
    );
    for (const count of homes.values()) expect(count).toBeGreaterThan(60);
  });
});
