import type { GroupStatus, MemberStatus } from '../wire.js';
import { byId, h, setAttribute, setText } from './dom.js';
import { formatCount, formatDuration } from './format.js';
import { LiveTable } from './live-table.js';

const marks = { voting: '●', rejoining: '◐', suspect: '◌', down: '✕' } as const;

/** The members and the quorum they make, and in short the same in the header. */
export class MembersSection {
  private readonly meter = h('span', { class: 'meter', 'aria-hidden': 'true' });
  private readonly table = new LiveTable<MemberStatus>(
    'Members of the group',
    [
      { title: 'Member', className: 'name', text: ({ name }) => name },
      { title: 'State', className: 'state-cell', cell: createState },
      { title: 'Reason', className: 'reason', text: reasonOf },
      { title: 'Round trip', className: 'number', text: ({ roundTripMs }) => durationOf(roundTripMs) },
      { title: 'In flight', className: 'number', text: ({ inFlight }) => formatCount(inFlight) },
      { title: 'Address', className: 'code', text: ({ address }) => address },
      {
        title: 'Incarnation',
        className: 'code',
        text: ({ incarnation }) => incarnation?.slice(0, 8) ?? '–',
        hint: ({ incarnation }) => incarnation,
      },
    ],
    ({ name }) => name,
  );
  private states = new Map<string, string>();
  private hadQuorum: boolean | undefined;

  constructor(private readonly announce: (text: string) => void) {
    byId('members').append(this.table.element);
    byId('votes').before(this.meter);
  }

  update(status: GroupStatus): void {
    const { members, voting, groupSize, quorum, hasQuorum, name, partitions } = status;
    this.table.update(members, 'This application knows no member.');
    const parts = partitions ? `; ${partitions.withQuorum} of ${partitions.count} partitions have one` : '';
    setText(byId('votes'), `${voting} of ${groupSize} vote, ${quorum} are a quorum${parts}`);
    this.updateMeter(status);
    const health = hasQuorum ? (voting === groupSize ? 'good' : 'warning') : 'bad';
    const words = {
      good: 'All members vote',
      warning: `${groupSize - voting} missing, quorum holds`,
      bad: 'No quorum',
    };
    setText(byId('health'), words[health]);
    setAttribute(byId('health'), 'data-tone', health);
    document.title = `${voting}/${groupSize} vote · ${name} · Majority Redis`;
    this.tell(status);
  }

  private updateMeter({ groupSize, quorum, voting, hasQuorum }: GroupStatus): void {
    if (this.meter.childElementCount !== groupSize) {
      this.meter.replaceChildren(...Array.from({ length: groupSize }, () => h('i')));
    }
    [...this.meter.children].forEach((segment, index) => {
      segment.classList.toggle('on', index < voting);
      segment.classList.toggle('quorum', index === quorum - 1);
    });
    this.meter.classList.toggle('bad', !hasQuorum);
  }

  /** What changed since the last time, in words. */
  private tell({ members, hasQuorum }: GroupStatus): void {
    const changed = members.filter(({ name, state }) => this.states.size > 0 && this.states.get(name) !== state);
    const lines = changed.map(({ name, state }) => `${name} is ${state}`);
    if (this.hadQuorum !== undefined && this.hadQuorum !== hasQuorum)
      lines.push(hasQuorum ? 'Quorum is back' : 'No quorum');
    this.states = new Map(members.map(({ name, state }) => [name, state]));
    this.hadQuorum = hasQuorum;
    if (lines.length > 0) this.announce(lines.join('. '));
  }
}

function createState(): { node: Node; update: (member: MemberStatus) => void } {
  const mark = h('span', { 'aria-hidden': 'true' });
  const word = h('span');
  const node = h('span', { class: 'state' }, mark, word);
  return {
    node,
    update: ({ state }) => {
      setText(mark, marks[state]);
      setText(word, state);
      setAttribute(node, 'data-state', state);
    },
  };
}

function reasonOf({ reason, rejoin }: MemberStatus): string {
  if (rejoin) return `${rejoin.phase}, ${formatCount(rejoin.copied)} records copied`;
  return reason ?? '–';
}

function durationOf(ms: number | undefined): string {
  return ms === undefined ? '–' : formatDuration(ms);
}
