import { describe, expect, it } from 'vitest';
import { readState } from '../../../lib/lock/read-state.js';
import type { Answer } from '../../../lib/quorum/fan-out.js';

const names = ['redis-1', 'redis-2', 'redis-3'];

/** An answer to `inspect`. */
function state(token: string, waiting: number, holder = '', left = 0, ...readers: (string | number)[]): Answer {
  return { kind: 'reply', reply: ['STATE', token, waiting, holder, left, ...readers] };
}

function read(answers: readonly (Answer | undefined)[], homeIndex?: number) {
  return readState('seat', names, answers, 2, homeIndex);
}

describe('the state of a lock', () => {
  it('is free where nobody holds it, with the highest token that a member has seen', () => {
    expect(read([state('0', 0), state('1732345678901234', 0), state('7', 0)])).toEqual({
      key: 'seat',
      mode: 'free',
      holders: [],
      token: 1_732_345_678_901_234,
      waiting: 0,
      votes: [
        { member: 'redis-1', said: 'free', holders: [], token: 0 },
        { member: 'redis-2', said: 'free', holders: [], token: 1_732_345_678_901_234 },
        { member: 'redis-3', said: 'free', holders: [], token: 7 },
      ],
    });
  });

  it('names the exclusive holder of a quorum, with what is left at the quorum-th longest lease', () => {
    const found = read([state('5', 0, 'h', 900), state('5', 0, 'h', 700), state('5', 0, 'h', 800)]);
    expect(found).toMatchObject({ mode: 'exclusive', holders: [{ holder: 'h', remaining: 800 }] });
    expect(found.votes[1]).toEqual({
      member: 'redis-2',
      said: 'held',
      holders: [{ holder: 'h', remaining: 700 }],
      token: 5,
    });
  });

  it('is free where no holder has a quorum, though members hold leftovers', () => {
    const found = read([state('5', 0, 'a', 900), state('6', 0, 'b', 700), state('4', 0)]);
    expect(found).toMatchObject({ mode: 'free', holders: [], token: 6 });
    expect(found.votes.map(({ said }) => said)).toEqual(['held', 'held', 'free']);
  });

  it('names each shared holder of a quorum', () => {
    const found = read([
      state('5', 0, '', 0, 'a', 100, 'b', 200),
      state('5', 0, '', 0, 'b', 250, 'c', 300),
      state('5', 0, '', 0, 'a', 150),
    ]);
    expect(found.mode).toBe('shared');
    expect(found.holders).toEqual([
      { holder: 'a', remaining: 100 },
      { holder: 'b', remaining: 200 },
    ]);
  });

  it('tells how many wait from the answer of home only', () => {
    const answers = [state('0', 7), state('0', 2), state('0', 0)];
    expect(read(answers, 1).waiting).toBe(2);
    expect(read(answers).waiting).toBe(0);
  });

  it('tells why a member gave no view', () => {
    const found = read([{ kind: 'failure', said: 'suspect' }, undefined, state('3', 0)], 0);
    expect(found.votes.map(({ said }) => said)).toEqual(['suspect', 'has not answered yet', 'free']);
    expect(found).toMatchObject({ waiting: 0, token: 3 });
  });
});
