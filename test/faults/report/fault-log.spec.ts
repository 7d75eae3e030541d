import { expect, it } from 'vitest';
import { FaultLog } from './fault-log.js';

it('writes one line of fixed columns a fault', () => {
  const log = new FaultLog();
  log.add('restart empty', 'redis-3', 'seed 7');
  log.add('freeze', 'redis-1');
  expect(log.lines[0]).toMatch(/^ {4,6}\d+ ms {2}restart empty {7}redis-3 {5}seed 7$/);
  expect(log.lines[1]).toMatch(/^ {4,6}\d+ ms {2}freeze {14}redis-1$/);
  expect(log.toString().split('\n')).toHaveLength(2);
});
