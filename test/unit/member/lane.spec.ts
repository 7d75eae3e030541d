import { describe, expect, it } from 'vitest';
import { Lane } from '../../../lib/member/lane.js';
import type { VoteRequest, VotingScript } from '../../../lib/member/vote-request.js';
import { VirtualClock } from '../../support/virtual-clock.js';

const [one, other] = ['one', 'other'].map((name): VotingScript => ({
  script: { name, source: '', sha: '' },
  header: [],
})) as [VotingScript, VotingScript];
const reading: VotingScript = { ...one, isRead: true };

function create() {
  const clock = new VirtualClock();
  const calls: { batch: readonly VoteRequest[]; settle: () => void }[] = [];
  const lane = new Lane(clock, (batch, settle) => calls.push({ batch, settle }));
  const sizes = (): number[] => calls.map(({ batch }) => batch.length);
  return { clock, calls, lane, sizes };
}

function request(name: string, votingScript = one, weight?: number): VoteRequest {
  return {
    votingScript,
    keys: [name],
    args: [],
    weight,
    sink: { onReply: () => undefined, onFailure: () => undefined },
  };
}

describe('Lane', () => {
  it('sends at the end of the turn, in one call, what was added in it', async () => {
    const { clock, calls, lane, sizes } = create();
    for (const name of ['a', 'b', 'c']) lane.add(request(name));
    expect(calls).toHaveLength(0);
    await clock.settle();
    expect(sizes()).toEqual([3]);
    expect(calls[0]!.batch.map(({ keys }) => keys[0])).toEqual(['a', 'b', 'c']);
    expect(clock.now()).toBe(0);
  });

  it('sends at the end of the turn although a single request is out', async () => {
    const { clock, lane, sizes } = create();
    lane.add(request('a'));
    await clock.settle();
    lane.add(request('b'));
    await clock.settle();
    expect(sizes()).toEqual([1, 1]);
    expect(clock.now()).toBe(0);
  });

  it('gathers while more are out, and sends together once they are answered', async () => {
    const { clock, calls, lane, sizes } = create();
    for (const name of ['a', 'b']) lane.add(request(name));
    await clock.settle();
    lane.add(request('c'));
    await clock.settle();
    lane.add(request('d'));
    await clock.settle();
    expect(sizes()).toEqual([2]);
    calls[0]!.settle();
    await clock.settle();
    expect(sizes()).toEqual([2, 2]);
    expect(clock.now()).toBe(0);
  });

  it('sends what it gathered after 1 ms although a call is still out', async () => {
    const { clock, lane, sizes } = create();
    for (const name of ['a', 'b']) lane.add(request(name));
    await clock.settle();
    lane.add(request('c'));
    lane.add(request('d'));
    await clock.advance(0.9);
    expect(sizes()).toEqual([2]);
    await clock.advance(0.1);
    expect(sizes()).toEqual([2, 2]);
  });

  it('counts the 1 ms from the first that gathers, with one timer for them all', async () => {
    const { clock, calls, lane, sizes } = create();
    for (const name of ['a', 'b']) lane.add(request(name));
    await clock.settle();
    lane.add(request('c'));
    lane.add(request('d'));
    await clock.advance(0.6);
    calls[0]!.settle();
    await clock.settle();
    lane.add(request('e'));
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(0.9);
    expect(sizes()).toEqual([2, 2]);
    await clock.advance(0.1);
    expect(sizes()).toEqual([2, 2, 1]);
  });

  it('sends reads after the others of their turn, so that these stay together', async () => {
    const { clock, lane, calls } = create();
    for (const name of ['a', 'r', 'b', 's', 'c']) lane.add(request(name, 'rs'.includes(name) ? reading : one));
    await clock.settle();
    expect(calls.map(({ batch }) => batch.map(({ keys }) => keys[0]))).toEqual([
      ['a', 'b', 'c'],
      ['r', 's'],
    ]);
    lane.add(request('d'));
    lane.add(request('t', reading));
    expect(lane.drain().map(({ keys }) => keys[0])).toEqual(['d', 't']);
  });

  it('puts at most 512 requests into one call', async () => {
    const { clock, lane, calls, sizes } = create();
    for (let i = 0; i < 1200; i++) lane.add(request(String(i)));
    await clock.settle();
    expect(sizes()).toEqual([512, 512, 176]);
    expect(calls.flatMap(({ batch }) => batch.map(({ keys }) => keys[0]))).toEqual(
      Array.from({ length: 1200 }, (_, i) => String(i)),
    );
  });

  it('counts requests by their weight, and sends one that is too heavy alone', async () => {
    const { clock, lane, sizes } = create();
    for (const weight of [500, 11, 1, 100, 100, 5000, 1, 1, 600]) lane.add(request('a', one, weight));
    await clock.settle();
    expect(sizes()).toEqual([3, 3, 3]);
    const alone = create();
    for (const weight of [5000, 5000, 1]) alone.lane.add(request('a', one, weight));
    await alone.clock.settle();
    expect(alone.sizes()).toEqual([1, 1, 1]);
  });

  it('keeps the order of requests of different scripts: only neighbours share a call', async () => {
    const { clock, lane, calls } = create();
    for (const name of ['a', 'b']) lane.add(request(name));
    for (const name of ['c', 'd']) lane.add(request(name, other));
    lane.add(request('e'));
    await clock.settle();
    expect(calls.map(({ batch }) => batch.map(({ keys }) => keys[0]))).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(calls.map(({ batch }) => batch[0]!.votingScript)).toEqual([one, other, one]);
  });

  it('waits for all calls that are out before it sends again within a turn', async () => {
    const { clock, calls, lane, sizes } = create();
    for (let i = 0; i < 513; i++) lane.add(request(String(i)));
    await clock.settle();
    lane.add(request('next'));
    calls[1]!.settle();
    await clock.settle();
    expect(sizes()).toEqual([512, 1]);
    calls[0]!.settle();
    await clock.settle();
    expect(sizes()).toEqual([512, 1, 1]);
  });

  it('gives back what was not sent, and does not send it later', async () => {
    const { clock, lane, sizes } = create();
    for (const name of ['a', 'b']) lane.add(request(name));
    await clock.settle();
    lane.add(request('c'));
    expect(lane.drain().map(({ keys }) => keys[0])).toEqual(['c']);
    await clock.advance(10);
    expect(sizes()).toEqual([2]);
    lane.add(request('d'));
    await clock.advance(10);
    expect(sizes()).toEqual([2, 1]);
  });
});
