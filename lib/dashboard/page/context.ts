import type { Hello } from '../wire.js';

/** What all sections need to know. */
export interface Context {
  /** What this dashboard may do, and of which group it tells. */
  readonly hello: Hello;
  /** Says something to those who do not see the page. */
  announce(text: string): void;
}
