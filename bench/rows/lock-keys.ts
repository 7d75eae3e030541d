import { DRAIN_MS } from '../worker/come-back.js';
import { HOLD_MS } from '../worker/hold-load.js';
import { KEYS_CONCURRENCY, keysRow } from './keys.js';

/** Whether many locks that were given back, whose records stay for their fencing tokens, slow down the others. */
export const row = keysRow({
  name: 'lock-keys',
  purpose: 'lock',
  title: 'Locks',
  operations: ['acquire+release'],
  fill: (contender, load) => contender.run('visit', load, 2 * HOLD_MS),
  measure: (contender, { keys, seconds }) =>
    contender.run('uncontended', { concurrency: KEYS_CONCURRENCY, seconds, keys }, seconds * 1000 + 2 * DRAIN_MS),
});
