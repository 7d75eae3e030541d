import { memberFaultRow } from './member-fault.js';

export const row = memberFaultRow('kv-frozen', 'store', 'frozen');
