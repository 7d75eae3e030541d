import { memberFaultRow } from './member-fault.js';

export const row = memberFaultRow('kv-restarting', 'store', 'restarting');
