import type { MajorityRedis } from '../connect.js';
import { systemClock } from '../runtime/clock.js';
import { QueueHistory } from './queue-history.js';
import type { Listed, QueuePoint, QueueView } from './wire.js';

/** Queues that are shown at most. */
const queuesMax = 50;
/** Queues whose last minutes are kept at most: those that were looked at last. */
const historiesMax = 200;
/** Intervals after which a look counts as the first one: nobody watched meanwhile. */
const gapIntervals = 10;

interface Seen {
  readonly history: QueueHistory;
  readonly view: QueueView;
}

/** Looks at queues, and keeps what was seen of them over the last minutes. */
export class QueueLooks {
  /** By name, the one that was looked at last at the end. */
  private readonly seen = new Map<string, Seen>();

  /** @param interval ms between two looks */
  constructor(
    private readonly queues: MajorityRedis['queues'],
    private readonly interval: number,
  ) {}

  /** The first queues by name that begin with a prefix. @throws NoQuorumError */
  async find(prefix: string): Promise<Listed<QueueView>> {
    const all = await this.queues.names();
    this.forgetAllBut(new Set(all));
    const names = all.filter((name) => name.startsWith(prefix));
    const shown = names.slice(0, queuesMax);
    const items = await Promise.all(shown.map((name) => this.lookAt(name)));
    return { items, hasMore: names.length > shown.length, total: names.length };
  }

  /** The last minutes of a queue, as far as somebody watched. */
  historyOf(queue: string): readonly QueuePoint[] {
    return this.seen.get(queue)?.history.points ?? [];
  }

  private async lookAt(name: string): Promise<QueueView> {
    const before = this.seen.get(name);
    // those who look for other prefixes may have seen it just now
    if (before && wallMs() - before.view.point.at < this.interval / 2) return before.view;
    const [size, headAge, isPaused] = await Promise.all([
      this.queues.size(name),
      this.queues.headAge(name),
      this.queues.isPaused(name),
    ]);
    const history = before?.history ?? new QueueHistory(gapIntervals * this.interval);
    const view = { name, isPaused, size, point: history.add(wallMs(), size, headAge) };
    this.seen.delete(name);
    this.seen.set(name, { history, view });
    if (this.seen.size > historiesMax) this.seen.delete(this.seen.keys().next().value!);
    return view;
  }

  private forgetAllBut(names: ReadonlySet<string>): void {
    for (const name of this.seen.keys()) if (!names.has(name)) this.seen.delete(name);
  }
}

function wallMs(): number {
  return Math.floor(systemClock.wallUs() / 1000);
}
