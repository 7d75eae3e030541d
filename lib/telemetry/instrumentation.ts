import type { Tracer } from '@opentelemetry/api';
import type { Meters } from './meters.js';

/** What the parts of one group's instrumentation share. */
export interface Instrumentation {
  /** Name of the group. */
  readonly group: string;
  /** Whether spans may tell keys. */
  readonly keys: boolean;
  readonly tracer: Tracer;
  readonly meters: Meters;
}
