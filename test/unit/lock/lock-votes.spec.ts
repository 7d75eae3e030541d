import { describe, expect, it } from 'vitest';
import { lockReports } from '../../../lib/lock/lock-reports.js';
import {
  judgeAnswered,
  judgeExtend,
  judgeGrant,
  LockKeys,
  lockScripts,
  parseAsk,
  parseGrant,
} from '../../../lib/lock/lock-votes.js';
import { GroupKeys } from '../../../lib/quorum/group-keys.js';

describe('an answer to a request for a grant', () => {
  it.each([
    ['GRANTED', { word: 'GRANTED' }],
    [['HELD', 250, 0, 2], { word: 'HELD', waitMs: 250, refused: [0, 2] }],
    [['LINE', 1], { word: 'LINE', refused: [1] }],
    [['LINE', 0, 3], { word: 'LINE', refused: [0, 3] }],
    [['STALE', '1732345678901234'], { word: 'STALE', token: 1_732_345_678_901_234 }],
    [['CLOCK', '1732345678901234'], { word: 'CLOCK', memberUs: 1_732_345_678_901_234 }],
  ])('%j is read as %j', (reply, read) => {
    expect(parseGrant(reply)).toEqual(read);
  });

  it('that no script of ours gives is a broken promise', () => {
    expect(() => parseGrant(['WHAT', 1])).toThrow('acquire answered WHAT');
  });

  it.each([
    ['GRANTED', 'grant'],
    [['HELD', 1, 0], 'refuse'],
    [['LINE', 0], 'refuse'],
    [['STALE', '1'], 'refuse'],
    [['CLOCK', '1'], 'refuse'],
    [['FAILED', 'WRONGTYPE'], 'fail'],
  ])('%j counts as %s', (reply, opinion) => {
    expect(judgeGrant(reply)).toBe(opinion);
  });
});

describe('an answer to an extension', () => {
  it.each([
    ['EXTENDED', 'grant'],
    [['LOST', 0], 'refuse'],
    ['GRANTED', 'refuse'],
    [['FAILED', 'WRONGTYPE'], 'fail'],
  ])('%j counts as %s', (reply, opinion) => {
    expect(judgeExtend(reply)).toBe(opinion);
  });
});

describe('an answer to a release', () => {
  it.each([
    ['RELEASED', 'grant'],
    ['ABSENT', 'grant'],
    [['FAILED', 'WRONGTYPE'], 'fail'],
  ])('%j counts as %s', (reply, opinion) => {
    expect(judgeAnswered(reply)).toBe(opinion);
  });
});

describe('an answer of home', () => {
  it.each([
    [['TURN', '17'], { word: 'TURN', token: 17 }],
    [['QUEUED', 250], { word: 'QUEUED', waitMs: 250 }],
    [['HELD', 0], { word: 'HELD', waitMs: 0 }],
    [undefined, undefined],
    [['FAILED', 'WRONGTYPE'], undefined],
    ['LEFT', undefined],
  ])('%j is read as %j', (reply, read) => {
    expect(parseAsk(reply)).toEqual(read);
  });
});

describe('the keys of lock requests', () => {
  const keys = new LockKeys(new GroupKeys('p'));

  it('are records only where line and readers are not looked at', () => {
    expect(keys.records(['a', 'b'])).toEqual(['p:lock:a', 'p:lock:b']);
  });

  it('are records, then lines, then reader sets for everything else', () => {
    const all = ['p:lock:a', 'p:lock:b', 'p:line:a', 'p:line:b', 'p:readers:a', 'p:readers:b'];
    expect(keys.all(['a', 'b'])).toEqual(all);
  });

  it('go with a header of the fence retention', () => {
    const { votes, lineVotes } = lockScripts(86_400_000);
    expect([votes.header, lineVotes.header]).toEqual([[86_400_000], [86_400_000]]);
    expect([votes.script.name, lineVotes.script.name]).toEqual(['votes', 'line_votes']);
  });
});

describe('what members said', () => {
  it('is put in words, one for each member', () => {
    const replies = [
      'GRANTED',
      ['HELD', 5, 0],
      ['LINE', 0],
      ['STALE', '9'],
      ['CLOCK', '9'],
      ['LOST', 0],
      'RELEASED',
      ['OTHER'],
    ];
    const answers = [
      ...replies.map((reply) => ({ kind: 'reply' as const, reply })),
      { kind: 'failure' as const, said: 'no reply in 500 ms' },
      undefined,
    ];
    const names = answers.map((_, index) => `redis-${index + 1}`);
    const said = lockReports(names, { answers, hasAskedAll: true });
    expect(said.map(({ member }) => member)).toEqual(names);
    expect(said.map((report) => report.said)).toEqual([
      'granted',
      'held',
      'others wait first',
      'has seen a later token',
      'finds the token over a day ahead of its clock',
      'no longer held by us',
      'released',
      'other',
      'no reply in 500 ms',
      'has not answered yet',
    ]);
  });

  it('tells which members were not asked', () => {
    const answers = [{ kind: 'reply' as const, reply: ['HELD', 5, 0] }, undefined];
    const said = lockReports(['redis-1', 'redis-2'], { answers, hasAskedAll: false });
    expect(said.map((report) => report.said)).toEqual(['held', 'was not asked']);
  });
});
