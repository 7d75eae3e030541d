import type { Fault } from './nemesis.js';

/** SIGKILL and start without its data. */
export const restartEmpty: Fault = (site, member) => site.restart(member);
