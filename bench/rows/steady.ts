import { memberFaultRow } from './member-fault.js';

/** No member is hit: how much the same row changes by itself, memory above all. */
export const row = memberFaultRow('steady', 'lock', 'left alone');
