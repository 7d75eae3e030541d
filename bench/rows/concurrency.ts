import { curveRow } from './curve.js';
import { queueContenders } from './queue-contenders.js';
import { GROUP_SIZE } from './row-context.js';

const CONCURRENCIES = [1, 4, 16, 64, 256, 1000];

/** From one call at a time to a thousand. */
export const row = curveRow({
  name: 'concurrency',
  title: 'at once',
  concurrencies: (context) => context.concurrency(CONCURRENCIES),
  places: (context) => [
    ...(['lock', 'store'] as const).flatMap((purpose) =>
      context.contenders(purpose).map((name) => ({ label: name, name, purpose, members: GROUP_SIZE })),
    ),
    ...queueContenders(context).map((one) => ({ ...one, purpose: 'queue' as const })),
  ],
  curves: ({ label }) => label,
  at: ({ concurrency }) => concurrency,
});
