import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { Site } from './site/site.js';
import type { SiteClient } from './site/site-client.js';

afterEach(() => {
  vi.restoreAllMocks();
});

type List = readonly string[];

const append = (name: string) => (list: List | null) => [...(list ?? []), name];

/** A change that stands between the promises it got and its accept until it is let go on. */
function heldUp(client: SiteClient, key: string, name: string) {
  let onEntered!: () => void;
  let goOn!: () => void;
  const entered = new Promise<void>((resolve) => {
    onEntered = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const done = client.kv.update<List>(key, async (list) => {
    onEntered();
    await gate;
    return append(name)(list);
  });
  done.catch(() => undefined);
  return { entered, goOn, done };
}

function setClock(offset: number): void {
  const now = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => now() + offset);
}

const hour = 3_600_000;

describe('a change that stands still between promises and accept', () => {
  it('does not undo what was decided meanwhile with a member that forgot its promise (S20)', async () => {
    await using site = await Site.start();
    const ann = await site.connect('ann');
    const bob = await site.connect('bob');
    await ann.kv.set('k', []);
    await bob.cutFrom(2, 3);
    const bobs = heldUp(bob, 'k', 'bob');
    await bobs.entered;
    // nothing but the members' memory shall keep ann's ballot above bob's: another client brings the member back
    await ann.cutFrom(1);
    const carl = await site.connect('carl');
    await site.restart(1);
    await carl.asksUntilAllVote();
    ann.restore(1);
    await ann.seesAllVoting();
    await ann.cutFrom(4, 5);
    setClock(-hour);
    await ann.kv.update('k', append('ann'));
    vi.restoreAllMocks();
    ann.restore(4, 5);
    bob.restore(2, 3);
    bobs.goOn();
    await bobs.done;
    expect(await ann.kv.get('k')).toEqual(['ann', 'bob']);
  });

  it('does not undo what was decided after its promises were gone (S17)', async () => {
    await using site = await Site.start();
    const ann = await site.connect('ann');
    const bob = await site.connect('bob');
    await bob.cutFrom(2, 3);
    const bobs = heldUp(bob, 'k', 'bob');
    await bobs.entered;
    await eventually(async () => {
      const left = await Promise.all([1, 4, 5].map((member) => site.server(member).command('EXISTS', 'majority:kv:k')));
      return left.every((count) => count === 0);
    });
    await ann.cutFrom(4, 5);
    setClock(-hour);
    await ann.kv.update('k', append('ann'));
    vi.restoreAllMocks();
    ann.restore(4, 5);
    bob.restore(2, 3);
    bobs.goOn();
    await bobs.done;
    expect(await ann.kv.get('k')).toEqual(['ann', 'bob']);
  });
});

describe('a value that only one of five members accepted', () => {
  /** `bob` changed "k" at member 1 alone, and is cut from all others. */
  async function acceptedAtOne() {
    const site = await Site.start();
    const ann = await site.connect('ann');
    const bob = await site.connect('bob');
    await ann.kv.set('k', []);
    await bob.cutFrom(4, 5);
    const bobs = heldUp(bob, 'k', 'bob');
    await bobs.entered;
    await bob.cutFrom(2, 3);
    bobs.goOn();
    await eventually(async () => String(await site.server(1).command('GET', 'majority:kv:k')).includes('bob'));
    return { site, ann, bob, bobs, [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() };
  }

  it('is found by all reads or by none (S22)', async () => {
    await using scene = await acceptedAtOne();
    const { site, ann, bob, bobs } = scene;
    await ann.cutFrom(2, 3);
    const first = await ann.kv.get('k');
    const carl = await site.connect('carl');
    await carl.cutFrom(1, 5);
    expect(await carl.kv.get('k')).toEqual(first);
    bob.restore(2, 3, 4, 5);
    await bobs.done;
  });

  it('is not applied twice when another client built on it (S21)', async () => {
    await using scene = await acceptedAtOne();
    const { ann, bob, bobs } = scene;
    await ann.cutFrom(2, 3);
    await ann.kv.update('k', append('ann'));
    bob.restore(2, 3, 4, 5);
    await bobs.done;
    ann.restore(2, 3);
    expect(await ann.kv.get('k')).toEqual(['bob', 'ann']);
  });

  it('is applied again, once, when another client did not build on it', async () => {
    await using scene = await acceptedAtOne();
    const { ann, bob, bobs } = scene;
    await ann.cutFrom(1);
    await ann.kv.update('k', append('ann'));
    bob.restore(2, 3, 4, 5);
    await bobs.done;
    ann.restore(1);
    expect(await ann.kv.get('k')).toEqual(['ann', 'bob']);
  });
});

describe('a value whose end has come', () => {
  it('does not come back for a client whose clock is behind (S23)', async () => {
    await using site = await Site.start();
    const ann = await site.connect('ann');
    await ann.kv.set('k', 'short', { ttl: 60_000 });
    setClock(61_000);
    expect(await ann.kv.get('k')).toBeNull();
    vi.restoreAllMocks();
    expect(await ann.kv.get('k')).toBeNull();
  });
});

describe('a member that forgot', () => {
  it('does not count in a read, though its connection stays (S03)', async () => {
    await using site = await Site.start({ size: 3 });
    const ann = await site.connect('ann');
    const bob = await site.connect('bob');
    await ann.cutFrom(3);
    await ann.kv.set('k', 'v');
    // only bob could bring the member back, and he does not reach the other one that knows the value
    await ann.cutFrom(1);
    await bob.cutFrom(2);
    await site.flush(1);
    await expect(bob.kv.get('k')).rejects.toMatchObject({ code: 'NO_QUORUM' });
  });
});
