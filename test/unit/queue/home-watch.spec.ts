import { describe, expect, it } from 'vitest';
import { HomeWatch } from '../../../lib/queue/home-watch.js';
import { VirtualClock } from '../../support/virtual-clock.js';

function create() {
  const clock = new VirtualClock();
  const watch = new HomeWatch(clock, 1000);
  /** Asks every `everyMs`, with nothing to be had. */
  const askInVain = async (times: number, everyMs: number): Promise<number[]> => {
    const places: number[] = [];
    for (let index = 0; index < times; index++) {
      places.push(watch.place());
      watch.note(false);
      await clock.advance(everyMs);
    }
    return places;
  };
  return { clock, watch, askInVain };
}

describe('HomeWatch', () => {
  it('passes over a home that had nothing for a whole poll interval, then the next one', async () => {
    const { askInVain } = create();
    expect(await askInVain(4, 1000)).toEqual([0, 1, 2, 3]);
  });

  it('counts the time, not the questions', async () => {
    const { askInVain } = create();
    expect(await askInVain(12, 250)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
  });

  it('asks who has messages until there are none left, then home again', async () => {
    const { watch, askInVain } = create();
    await askInVain(1, 1000);
    for (let index = 0; index < 3; index++) {
      expect(watch.place()).toBe(1);
      watch.note(true);
    }
    expect(await askInVain(3, 500)).toEqual([1, 0, 1]);
  });

  it('asks home after a wake-up, for another whole interval', async () => {
    const { watch, askInVain } = create();
    await askInVain(2, 1000);
    watch.noteWakeUp();
    expect(await askInVain(3, 500)).toEqual([0, 0, 1]);
  });

  it('has home for as long as home has messages', async () => {
    const { clock, watch } = create();
    for (let index = 0; index < 5; index++) {
      expect(watch.place()).toBe(0);
      watch.note(true);
      await clock.advance(1000);
    }
  });
});
