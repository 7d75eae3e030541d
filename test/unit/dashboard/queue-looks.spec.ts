import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { QueueLooks } from '../../../lib/dashboard/queue-looks.js';

const none = { ready: 0, delayed: 0, leased: 0, dead: 0, done: 0 };

/** As much of a `QueueService` as is looked at. */
function service(names: string[]) {
  const asked: string[] = [];
  const queues = {
    names: async () => [...names],
    size: async (name: string) => {
      asked.push(name);
      return none;
    },
    headAge: async () => null,
    isPaused: async () => false,
  } as unknown as ConstructorParameters<typeof QueueLooks>[0];
  return { asked, queues };
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `q${String(i).padStart(3, '0')}`);

describe('QueueLooks', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('shows the first by name and how many there are, and finds each of the others by its beginning', async () => {
    const { asked, queues } = service(numbered(200));
    const looks = new QueueLooks(queues, 1000);
    const { items, hasMore, total } = await looks.find('');
    expect([items.length, items[0]!.name, hasMore, total]).toEqual([50, 'q000', true, 200]);
    // what is not shown is not asked for
    expect(asked.length).toBe(50);
    const last = await looks.find('q199');
    expect([last.items.map(({ name }) => name), last.hasMore, last.total]).toEqual([['q199'], false, 1]);
    expect((await looks.find('x')).total).toBe(0);
  });

  it('asks once for a queue that several prefixes find at the same time, and again after a while', async () => {
    const { asked, queues } = service(['orders', 'orders-eu']);
    const looks = new QueueLooks(queues, 1000);
    await looks.find('');
    vi.advanceTimersByTime(400);
    await looks.find('orders');
    expect(asked).toEqual(['orders', 'orders-eu']);
    expect(looks.historyOf('orders').length).toBe(1);
    vi.advanceTimersByTime(200);
    await looks.find('orders-');
    expect(asked).toEqual(['orders', 'orders-eu', 'orders-eu']);
    expect(looks.historyOf('orders-eu').length).toBe(2);
  });

  it('keeps what was seen of 200 queues at most, and nothing of those that are gone', async () => {
    const names = numbered(400);
    const { queues } = service(names);
    const looks = new QueueLooks(queues, 1000);
    for (let page = 0; page < 40; page++) await looks.find(`q${String(page).padStart(2, '0')}`);
    const kept = (): number => numbered(400).filter((name) => looks.historyOf(name).length > 0).length;
    expect(kept()).toBe(200);
    expect(looks.historyOf('q399').length).toBe(1);
    names.length = 10;
    await looks.find('x');
    expect(kept()).toBe(0);
  });
});
