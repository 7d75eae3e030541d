import { dashboard } from './dashboard.js';
import { errors } from './errors.js';
import { health } from './health.js';
import { keyValue } from './key-value.js';
import { locks } from './locks.js';
import { nest } from './nest.js';
import { operations } from './operations.js';
import type { PageUses } from './page-uses.js';
import { queue } from './queue.js';
import { readme } from './readme.js';
import { telemetry } from './telemetry.js';
import { testing } from './testing.js';

/** By page: how what its blocks export is used. A block that exports nothing states its results itself. */
export const uses: Readonly<Record<string, PageUses>> = {
  'README.md': readme,
  'docs/guides/dashboard.md': dashboard,
  'docs/guides/health.md': health,
  'docs/guides/key-value.md': keyValue,
  'docs/guides/locks.md': locks,
  'docs/guides/nest.md': nest,
  'docs/guides/operations.md': operations,
  'docs/guides/queue.md': queue,
  'docs/guides/telemetry.md': telemetry,
  'docs/guides/testing.md': testing,
  'docs/reference/errors.md': errors,
};
