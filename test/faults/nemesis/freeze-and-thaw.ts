import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './nemesis.js';

/** ms it is frozen at least and at most: shorter and longer than a request may take. */
const [shortest, longest] = [50, 700];

/** Stopped for a while; then it also executes what has arrived meanwhile. */
export const freezeAndThaw: Fault = async (site, member, random) => {
  site.freeze(member);
  await pause(shortest + random() * (longest - shortest));
  site.thaw(member);
};
