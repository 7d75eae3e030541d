import { memberFaultRow } from './member-fault.js';

export const row = memberFaultRow('frozen', 'lock', 'frozen');
