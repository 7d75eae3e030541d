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

const scripts = new WeakMap<VotingScript, EncodedScript>();

/**
 * EVALSHA of a batch as it goes over the wire. A request is the same for all members, so its part is made once: with
 * five members that is most of what sending costs.
 *
 * @param marker @param incarnation encoded
 */
export function encodeEvalsha(marker: string, incarnation: string, batch: readonly VoteRequest[]): string {
  const { votingScript } = batch[0]!;
  const { start, header, ...own } = encodeScript(votingScript);
  let { keys } = own;
  let args = '';
  let keyCount = 1 + (votingScript.keys?.length ?? 0);
  let argCount = 1 + votingScript.header.length;
  for (const request of batch) {
    const encoded = (request.encoded ??= encodeRequest(request));
    keys += encoded.keys;
    args += encoded.args;
    keyCount += request.keys.length;
    argCount += request.args.length;
  }
  return `*${3 + keyCount + argCount}\r\n${start}${encode(keyCount)}${marker}${keys}${incarnation}${header}${args}`;
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
