import type { VoteArgument, VoteRequest, VotingScript } from './vote-request.js';

/** A request's keys and arguments as they go over the wire. */
export interface EncodedRequest {
  readonly keys: string;
  readonly args: string;
}

interface EncodedScript {
  readonly start: string;
  readonly keys: string;
  readonly header: string;
}

/** Used again by each call: one of its own for each would keep what it holds for long. */
const parts: string[] = [];

const scripts = new WeakMap<VotingScript, EncodedScript>();

/**
 * EVALSHA of a batch as it goes over the wire. A request is the same for all members, so its part is made once: with
 * five members that is most of what sending costs.
 *
 * @param marker @param incarnation encoded
 */
export function encodeEvalsha(marker: string, incarnation: string, batch: readonly VoteRequest[]): string {
  const { votingScript } = batch[0]!;
  const script = encodeScript(votingScript);
  let keyCount = 1 + (votingScript.keys?.length ?? 0);
  let argCount = 1 + votingScript.header.length;
  const size = batch.length;
  for (let i = 0; i < size; i++) {
    const request = batch[i]!;
    const encoded = (request.encoded ??= encodeRequest(request));
    parts[1 + i] = encoded.keys;
    parts[2 + size + i] = encoded.args;
    keyCount += request.keys.length;
    argCount += request.args.length;
  }
  parts[0] = `*${3 + keyCount + argCount}\r\n${script.start}${encode(keyCount)}${marker}${script.keys}`;
  parts[1 + size] = incarnation + script.header;
  // at once: a text that grows piece by piece leaves twice the garbage, which lives as long as the call
  parts.length = 2 + 2 * size;
  const text = parts.join('');
  parts.length = 0;
  return text;
}

/** MGET of the marker and the one key of each request. */
export function encodeMget(marker: string, batch: readonly VoteRequest[]): string {
  let keys = '';
  for (const request of batch) keys += (request.encoded ??= encodeRequest(request)).keys;
  return `*${2 + batch.length}\r\n$4\r\nMGET\r\n${marker}${keys}`;
}

/** One argument as a bulk string. */
export function encode(argument: VoteArgument): string {
  const text = String(argument);
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

function encodeRequest({ keys, args }: VoteRequest): EncodedRequest {
  return { keys: encodeAll(keys), args: encodeAll(args) };
}

function encodeScript(votingScript: VotingScript): EncodedScript {
  let encoded = scripts.get(votingScript);
  if (!encoded) {
    encoded = {
      start: encode('EVALSHA') + encode(votingScript.script.sha),
      keys: encodeAll(votingScript.keys ?? []),
      header: encodeAll(votingScript.header),
    };
    scripts.set(votingScript, encoded);
  }
  return encoded;
}

function encodeAll(all: readonly VoteArgument[]): string {
  let text = '';
  for (const argument of all) text += encode(argument);
  return text;
}
