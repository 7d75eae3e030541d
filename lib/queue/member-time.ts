import { HybridClock } from '../quorum/hybrid-clock.js';
import type { Clock } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';
import { MemberClock } from './member-clock.js';
import { MessageIds } from './message-ids.js';

/** What one client makes of the members' time: ids and tokens of all its queues. */
export interface MemberTime {
  readonly clock: MemberClock;
  readonly ids: MessageIds;
  /** Fencing tokens of deliveries. */
  readonly tokens: HybridClock;
}

export function createMemberTime(clock: Clock, random: Random, quorum: number): MemberTime {
  const memberClock = new MemberClock(clock, quorum);
  return { clock: memberClock, ids: new MessageIds(memberClock, random), tokens: new HybridClock(memberClock) };
}
