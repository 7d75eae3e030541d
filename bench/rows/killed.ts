import { memberFaultRow } from './member-fault.js';

export const row = memberFaultRow('killed', 'lock', 'killed');
