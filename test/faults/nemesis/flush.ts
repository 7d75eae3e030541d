import type { Fault } from './nemesis.js';

/** It loses its data and goes on. */
export const flush: Fault = (site, member) => site.flush(member);
