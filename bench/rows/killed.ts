import { memberFaultRow } from './member-fault.js';

/** SIGKILL: the member's sockets close and connections are refused. */
export const row = memberFaultRow('killed', 'killed', (member) => member.kill());
