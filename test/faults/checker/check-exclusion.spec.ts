import { describe, expect, it } from 'vitest';
import { History } from '../history/history.js';
import { checkExclusion } from './check-exclusion.js';

const lock = (token: number, isHeld = true) => ({ token, isHeld });

describe('the exclusion checker', () => {
  it('accepts one after the other with growing tokens, ordinary failures, and an overlap with one that lost it', () => {
    const history = new History();
    history.enter('ada', lock(1))();
    const lost = { token: 2, isHeld: true };
    const leave = history.enter('bob', lost);
    lost.isHeld = false;
    history.enter('cleo', lock(3))();
    leave();
    history.fail('ada', 'NO_QUORUM');
    expect(checkExclusion(history.deeds)).toEqual([]);
    expect(history.count('enter')).toBe(3);
  });

  it('objects to two inside at once', () => {
    const history = new History();
    history.enter('ada', lock(1));
    history.enter('bob', lock(2));
    expect(checkExclusion(history.deeds)).toEqual(['deed 1: bob entered while ada held the lock']);
  });

  it('objects to a token that is not above the one before', () => {
    const history = new History();
    for (const token of [5, 5, 4, 6]) history.enter('ada', lock(token))();
    expect(checkExclusion(history.deeds)).toEqual([
      'deed 2: ada entered with token 5, not above 5',
      'deed 4: ada entered with token 4, not above 5',
    ]);
  });

  it('objects to a refused write', () => {
    const history = new History();
    history.write('ada', 3, true);
    history.write('bob', 2, false);
    expect(checkExclusion(history.deeds)).toEqual([
      'deed 1: bob held the lock, and its write with token 2 was refused',
    ]);
  });

  it('objects to a failure without a name', () => {
    const history = new History();
    history.fail('ada', 'TypeError: x is not a function');
    expect(checkExclusion(history.deeds)).toEqual(['deed 0: ada failed with TypeError: x is not a function']);
  });
});
