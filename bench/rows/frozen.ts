import { memberFaultRow } from './member-fault.js';

/** SIGSTOP: the member's sockets stay open and nothing answers. */
export const row = memberFaultRow('frozen', 'frozen', (member) => member.freeze());
