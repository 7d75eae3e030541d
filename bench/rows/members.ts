import { curveRow } from './curve.js';
import type { Place } from './places.js';
import type { RowContext } from './row-context.js';

const SIZES = [1, 3, 5, 7];
const CONCURRENCY = 16;

/** What more members cost: ours and the floor, on groups of 1, 3, 5 and 7. */
export const row = curveRow({
  name: 'members',
  title: 'members',
  concurrencies: () => [CONCURRENCY],
  places: (context) => SIZES.flatMap((members) => placesOf(context, members)),
  curves: ({ name }) => name,
  at: ({ members }) => members,
});

function placesOf(context: RowContext, members: number): Place[] {
  const label = (name: string) => `${name}, ${members} members`;
  // the queue's floor and its peer stand on one server
  const queues = context.contenders('queue').filter((name) => name === 'ours' || members === 1);
  return [
    ...(['lock', 'store'] as const).flatMap((purpose) =>
      context
        .contenders(purpose)
        .filter((name) => name === 'ours' || name === 'floor')
        .map((name) => ({ label: label(name), name, purpose, members })),
    ),
    ...queues.map((name) => ({ label: label(name), name, purpose: 'queue' as const, members })),
  ];
}
