import type { GroupEvent, GroupNews } from '../quorum/group-status.js';

const goodNews: readonly GroupNews[] = ['formed', 'quorum-regained'];

/** Whether nobody has to look after it. */
export function isGoodNews(event: GroupNews): boolean {
  return goodNews.includes(event);
}

function partitionText(partition: number | undefined): string {
  return partition === undefined ? '' : `, partition ${partition}`;
}

/** A group's event in one line, as logs show it: `member suspect: redis-3 (no reply in 500 ms)`. */
export function groupEventLine(event: GroupEvent): string {
  switch (event.type) {
    case 'member':
      return `member ${event.state}: ${event.member}${event.reason === undefined ? '' : ` (${event.reason})`}`;
    case 'rejoin':
      return `member rejoining: ${event.member}${partitionText(event.partition)} (${event.phase}, ${event.copied} records copied)`;
    case 'group':
      return `group ${event.event}: ${event.detail}`;
    case 'warning':
      return `${event.member}: ${event.message}`;
    case 'lock-lost':
      return `lock lost: ${event.keys.join(', ')} (token ${event.token}, ${event.reason})`;
    case 'lease-lost':
      return `lease lost: message ${event.id} of queue "${event.queue}" (token ${event.token}, ${event.reason})`;
  }
}
