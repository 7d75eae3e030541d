import { describe, expect, it } from 'vitest';
import { MemberClock } from '../../../lib/queue/member-clock.js';
import { createdUs, MessageIds, messageIdPattern } from '../../../lib/queue/message-ids.js';
import { systemRandom } from '../../../lib/runtime/random.js';
import { VirtualClock } from '../../support/virtual-clock.js';

/** What the members' clocks say, µs. */
const memberUs = 1_632_345_678_901_237;
const hourUs = 3_600_000_000;

function create(quorum = 2) {
  const local = new VirtualClock();
  const clock = new MemberClock(local, quorum);
  return { local, clock, ids: new MessageIds(clock, systemRandom) };
}

describe('MemberClock', () => {
  it('goes by what the members said, whatever the clock of this machine says', async () => {
    const { local, clock } = create();
    clock.note(0, memberUs);
    expect(clock.isTuned).toBe(false);
    clock.note(1, memberUs);
    expect(clock.isTuned).toBe(true);
    local.shiftWall(-5 * 3_600_000);
    await local.advance(10);
    expect(clock.wallUs()).toBe(memberUs + 10_000);
  });

  it('goes by the middle one, so that one member with a wrong clock does not matter', () => {
    for (const wrong of [-5 * hourUs, 5 * hourUs]) {
      const { clock } = create();
      clock.note(0, memberUs + wrong);
      clock.note(1, memberUs);
      clock.note(2, memberUs + 1000);
      expect(Math.abs(clock.wallUs() - memberUs)).toBeLessThanOrEqual(1000);
    }
  });

  it('is not moved by answers that took a while, and follows members whose time was set', () => {
    const { clock } = create();
    for (const member of [0, 1, 2]) clock.note(member, memberUs);
    for (const member of [0, 1, 2]) clock.note(member, memberUs - 499_999);
    expect(clock.wallUs()).toBe(memberUs);
    for (const member of [0, 1]) clock.note(member, memberUs - hourUs);
    expect(clock.wallUs()).toBe(memberUs - hourUs);
  });

  it('is what its one member says in a group of one', () => {
    const { clock } = create(1);
    clock.note(0, memberUs);
    expect([clock.isTuned, clock.wallUs()]).toEqual([true, memberUs]);
  });
});

describe('MessageIds', () => {
  it('stay above a put floor that members agreed on by clocks that went back since, and go by these again later', async () => {
    const { local, clock, ids } = create();
    for (const index of [0, 1]) clock.note(index, memberUs);
    ids.raise(memberUs + 5_000_000);
    ids.raise(memberUs + 1_000_000);
    const created = [ids.next(), ids.next()].map(createdUs);
    expect(created).toEqual([memberUs + 5_000_000, memberUs + 5_000_001]);
    await local.advance(6000);
    expect(createdUs(ids.next())).toBe(memberUs + 6_000_000);
  });

  it('begin with the time of the members, sort as they were made, and look as they must', async () => {
    const { local, clock, ids } = create(1);
    clock.note(0, memberUs);
    const made = Array.from({ length: 50 }, () => ids.next());
    await local.advance(1);
    made.push(ids.next());
    expect(made.toSorted()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
    expect(createdUs(made[0]!)).toBe(memberUs);
    expect(createdUs(made.at(-1)!)).toBe(memberUs + 1000);
    for (const id of made) expect(id).toMatch(messageIdPattern);
    // one client's ids differ from all others' by what follows the time
    expect(new Set(made.map((id) => id.slice(17))).size).toBe(1);
  });

  it('never repeat an id though time is set back or forth, and are recent again at once', () => {
    const { clock, ids } = create(1);
    const made = new Set<string>();
    for (const jump of [0, hourUs, 0, -hourUs, -hourUs, 400_000 - hourUs, 24 * hourUs, 0]) {
      clock.note(0, memberUs + jump);
      for (let index = 0; index < 20; index++) {
        const id = ids.next();
        expect(made.has(id)).toBe(false);
        made.add(id);
        expect(Math.abs(createdUs(id) - clock.wallUs())).toBeLessThan(500_000);
      }
    }
  });

  it('go on growing when many are made faster than time passes', () => {
    const { clock, ids } = create(1);
    clock.note(0, memberUs);
    const made = Array.from({ length: 10_000 }, () => ids.next());
    expect(made.toSorted()).toEqual(made);
    expect(createdUs(made.at(-1)!)).toBe(memberUs + 9999);
  });
});
