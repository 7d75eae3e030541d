import { loadScript, type Script } from '../member/script.js';

const shared = new URL('./lua/include/', import.meta.url);

/** Loads a protocol's script: its own includes first, then those that all protocols share. */
export function loadVotingScript(file: URL): Script {
  return loadScript(file, [new URL('./include/', file), shared]);
}

const own = (name: string): Script => loadVotingScript(new URL(`./lua/${name}.lua`, import.meta.url));

export const surveyScript = own('survey');
export const ticketScript = own('ticket');
export const admitScript = own('admit');
export const preflightScript = own('preflight');
export const wipeScript = own('wipe');
