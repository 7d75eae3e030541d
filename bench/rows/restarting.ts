import { memberFaultRow } from './member-fault.js';

export const row = memberFaultRow('restarting', 'lock', 'restarting');
