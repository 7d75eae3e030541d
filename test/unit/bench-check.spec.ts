import { describe, expect, it } from 'vitest';
import { complaintsAbout, contendersChecked, longestFirst } from '../../bench/check.js';
import type { Chart, RowResult, Table } from '../../bench/figures.js';
import { formatTable, ratio } from '../../bench/report.js';
import { exactly, median, quantile, spreadOf } from '../../bench/statistics.js';

const table: Table = { title: 'Rates', columns: ['', 'ops/s', '× floor'], rows: [['ours', '10', '–']], notes: [] };
const chart: Chart = {
  title: 'get',
  unit: 'ops/s',
  steps: ['1', '16'],
  lines: [{ name: 'ours', points: [exactly(3), null] }],
};
const good: RowResult = { tables: [table], charts: [chart], samples: [{ rate: 10, failures: {} }] };

describe('the check of a bench', () => {
  it('finds nothing wrong with a row that gave figures', () => {
    expect(complaintsAbout(good, false, [])).toEqual([]);
  });

  it.each([
    ['a contender that could not start', { ...good }, ['ours could not start'], 'ours could not start'],
    ['no table', { ...good, tables: [] }, [], 'it has no table'],
    ['an empty table', { ...good, tables: [{ ...table, rows: [] }] }, [], '"Rates" is empty'],
    [
      'a contender without a figure',
      { ...good, tables: [{ ...table, rows: [['ours', '–', '–']] }] },
      [],
      '"Rates" has no figure for ours',
    ],
    [
      'a row of another length',
      { ...good, tables: [{ ...table, rows: [['ours', '10']] }] },
      [],
      '"Rates" has 2 of 3 cells for ours',
    ],
    ['an empty chart', { ...good, charts: [{ ...chart, lines: [] }] }, [], 'the chart "get" is empty'],
    [
      'a line without a point',
      { ...good, charts: [{ ...chart, lines: [{ name: 'ours', points: [null, exactly(NaN)] }] }] },
      [],
      'the chart "get" has no figure for ours',
    ],
    [
      'a line that is too short',
      { ...good, charts: [{ ...chart, lines: [{ name: 'ours', points: [exactly(1)] }] }] },
      [],
      'the chart "get" has 1 of 2 points for ours',
    ],
  ])('complains about %s', (_, result, problems, complaint) => {
    expect(complaintsAbout(result, false, problems)).toEqual([complaint]);
  });

  it('complains about calls that failed, but not where a row breaks things', () => {
    const samples = { rates: [{ failures: {} }, { healthy: { failures: { 'get: no': 2 } } }] };
    expect(complaintsAbout({ ...good, samples }, false, [])).toEqual(['a contender failed 2×: get: no']);
    expect(complaintsAbout({ ...good, samples }, true, [])).toEqual([]);
  });

  it('runs all contenders in one row, and one peer of each kind in the others', () => {
    const chosen = ['floor', 'ours', 'redlock-4', 'redlock-5', 'bullmq'];
    expect(contendersChecked('uncontended', chosen)).toEqual(chosen);
    expect(contendersChecked('frozen', chosen)).toEqual(['floor', 'ours', 'redlock-4', 'bullmq']);
  });
});

describe('the order of a check', () => {
  it('begins with what lasts longest', () => {
    const rows = ['kv', 'lock-loss', 'queue', 'queue-loss'].map((name) => ({ name }));
    expect(longestFirst(rows).map(({ name }) => name)).toEqual(['lock-loss', 'queue-loss', 'kv', 'queue']);
  });
});

describe('the figures of a bench', () => {
  it('have no value where nothing was measured', () => {
    expect([median([]), quantile([], 0.5)]).toEqual([NaN, NaN]);
    expect([spreadOf([]), exactly(NaN)]).toEqual([null, null]);
    expect([ratio(3, 0), ratio(3, NaN), ratio(NaN, 3)]).toEqual(['–', '–', '–']);
  });

  it('are medians and nearest ranks', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect([0, 0.5, 0.51, 1].map((share) => quantile([4, 1, 3, 2], share))).toEqual([1, 2, 3, 4]);
    expect(spreadOf([3, 1, 8])).toEqual({ median: 3, lowest: 1, highest: 8 });
  });

  it('stand in columns, the first to the left', () => {
    expect(formatTable({ ...table, notes: ['a note'] }).split('\n')).toEqual([
      'Rates',
      '      ops/s  × floor',
      'ours     10        –',
      '  a note',
    ]);
  });
});
