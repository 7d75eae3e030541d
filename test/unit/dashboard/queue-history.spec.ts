import { describe, expect, it } from 'vitest';
import { QueueHistory } from '../../../lib/dashboard/queue-history.js';

const size = (given: object) => ({ ready: 0, delayed: 0, leased: 0, dead: 0, done: 0, ...given });

describe('QueueHistory', () => {
  it('tells rates of what was put and done since the look before, none at first', () => {
    const history = new QueueHistory(10_000);
    expect(history.add(1000, size({ ready: 5 }), 20)).toEqual({
      at: 1000,
      putRate: null,
      doneRate: null,
      headAge: 20,
      backlog: 5,
    });
    const next = history.add(3000, size({ ready: 3, leased: 2, dead: 1, done: 9 }), null);
    expect(next).toMatchObject({ putRate: 5, doneRate: 4.5, headAge: null, backlog: 5 });
  });

  it('tells no rate below 0 when messages were removed, and none over a gap', () => {
    const history = new QueueHistory(10_000);
    history.add(0, size({ ready: 9 }), null);
    expect(history.add(1000, size({}), null)).toMatchObject({ putRate: 0, doneRate: 0 });
    expect(history.add(60_000, size({ ready: 100 }), null)).toMatchObject({ putRate: null, doneRate: null });
  });

  it('keeps ten minutes, and no more than 600 looks', () => {
    const history = new QueueHistory(10_000);
    for (let at = 0; at <= 700_000; at += 10_000) history.add(at, size({}), null);
    expect(history.points[0]!.at).toBe(100_000);
    for (let at = 700_001; at <= 702_000; at += 1) history.add(at, size({}), null);
    expect(history.points).toHaveLength(600);
  });
});
