import { memberFaultRow } from './member-fault.js';

export const row = memberFaultRow('queue-frozen', 'queue', 'frozen');
