import { Subject } from 'rxjs';
import type { Group } from './group.js';
import type { GroupEvent, MemberState } from './group-status.js';
import { worstOf } from './merge-status.js';

/** ms within which what several partitions say in the same words is told once. */
const repeatMax = 10_000;

/**
 * What happens in the partitions, as one group: a member's state when that of the whole member changes, and what several
 * partitions find once. Steps of a rejoin name their partition.
 */
export function mergeEvents(groups: readonly Group[]): Subject<GroupEvent> {
  const merged = new Subject<GroupEvent>();
  const told = new Told(groups[0]!);
  for (const group of groups) {
    group.events.subscribe((event) => {
      const one = mergeEvent(event, group, groups, told);
      if (one) merged.next(one);
    });
  }
  return merged;
}

function mergeEvent(event: GroupEvent, group: Group, groups: readonly Group[], told: Told): GroupEvent | undefined {
  switch (event.type) {
    case 'member': {
      const index = group.members.findIndex(({ name }) => name === event.member);
      const { state, reason } = worstOf(groups.map(({ members }) => members[index]!));
      return told.isNewState(event.member, state) ? { ...event, state, reason: reason || undefined } : undefined;
    }
    case 'rejoin':
      return { ...event, partition: group.partition };
    case 'group':
      if (event.event !== 'quorum-lost' && event.event !== 'quorum-regained') {
        return told.isNews(event) ? event : undefined;
      }
      return told.quorumNews(groups);
    case 'warning':
      return told.isNews(event) ? event : undefined;
    case 'lock-lost':
    case 'lease-lost':
      return event;
  }
}

/** What was told of all partitions. */
class Told {
  private readonly states = new Map<string, MemberState>();
  private hasQuorum = true;
  /** By text, when. */
  private readonly texts = new Map<string, number>();

  constructor(private readonly clock: Pick<Group, 'now'>) {}

  isNewState(member: string, state: MemberState): boolean {
    const before = this.states.get(member) ?? 'down';
    // on its way back it is no news that some partitions are there first
    if (state === before || (state === 'rejoining' && before !== 'voting')) return false;
    this.states.set(member, state);
    return true;
  }

  /** Whether each partition has a quorum, when that has changed. */
  quorumNews(groups: readonly Group[]): GroupEvent | undefined {
    const without = groups.filter(({ votingCount, quorum }) => votingCount < quorum).length;
    if ((without === 0) === this.hasQuorum) return undefined;
    this.hasQuorum = without === 0;
    const detail = `${groups.length - without} of ${groups.length} partitions have a quorum`;
    return { type: 'group', event: this.hasQuorum ? 'quorum-regained' : 'quorum-lost', detail };
  }

  isNews(event: GroupEvent): boolean {
    const now = this.clock.now();
    for (const [text, at] of this.texts) if (now - at >= repeatMax) this.texts.delete(text);
    const text = JSON.stringify(event);
    if (this.texts.has(text)) return false;
    this.texts.set(text, now);
    return true;
  }
}
