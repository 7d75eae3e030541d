import type { Script } from './script.js';
import type { VoteArgument, VoteRequest, VotingScript } from './vote-request.js';

/** A request's keys and arguments as they go over the wire. */
export interface EncodedRequest {
  readonly keys: string;
  readonly args: string;
}

/** How calls are written for one kind of member. */
export interface CallForm {
  /** Where a request keeps what was made of it, once for all members of this kind. */
  readonly kept: 'encoded' | 'encodedInSlot';
  /** Key as the member stores it. */
  mapKey(key: string): string;
  /** The script as it runs there. */
  scriptOf(script: Script): Script;
  /** Keys that each call names after its own. */
  readonly lastKeys: readonly string[];
}

interface EncodedScript {
  readonly start: string;
  readonly keys: string;
  readonly header: string;
}

/** Used again by each call: one of its own for each would keep what it holds for long. */
const parts: string[] = [];

/**
 * Writes batches as calls. A request is the same for all members of a kind, so its part is made once: with five members
 * that is most of what sending costs.
 */
export class CallEncoder {
  private readonly scripts = new WeakMap<VotingScript, EncodedScript>();
  private readonly lastKeys: string;

  constructor(private readonly form: CallForm) {
    this.lastKeys = encodeAll(form.lastKeys);
  }

  /**
   * EVALSHA of a batch as it goes over the wire.
   *
   * @param marker @param incarnation encoded
   */
  evalsha(marker: string, incarnation: string, batch: readonly VoteRequest[]): string {
    const { votingScript } = batch[0]!;
    const { kept, lastKeys } = this.form;
    const script = this.encodeScript(votingScript);
    let keyCount = 1 + (votingScript.keys?.length ?? 0) + lastKeys.length;
    let argCount = 1 + votingScript.header.length;
    const size = batch.length;
    for (let i = 0; i < size; i++) {
      const request = batch[i]!;
      const encoded = (request[kept] ??= this.encodeRequest(request));
      parts[1 + i] = encoded.keys;
      parts[2 + size + i] = encoded.args;
      keyCount += request.keys.length;
      argCount += request.args.length;
    }
    parts[0] = `*${3 + keyCount + argCount}\r\n${script.start}${encode(keyCount)}${marker}${script.keys}`;
    parts[1 + size] = this.lastKeys + incarnation + script.header;
    // at once: a text that grows piece by piece leaves twice the garbage, which lives as long as the call
    parts.length = 2 + 2 * size;
    const text = parts.join('');
    parts.length = 0;
    return text;
  }

  /** MGET of the marker and the one key of each request. */
  mget(marker: string, batch: readonly VoteRequest[]): string {
    const { kept, lastKeys } = this.form;
    let keys = '';
    for (const request of batch) keys += (request[kept] ??= this.encodeRequest(request)).keys;
    return `*${2 + batch.length + lastKeys.length}\r\n$4\r\nMGET\r\n${marker}${keys}${this.lastKeys}`;
  }

  private encodeRequest({ keys, args }: VoteRequest): EncodedRequest {
    return { keys: this.encodeKeys(keys), args: encodeAll(args) };
  }

  private encodeScript(votingScript: VotingScript): EncodedScript {
    let encoded = this.scripts.get(votingScript);
    if (!encoded) {
      encoded = {
        start: encode('EVALSHA') + encode(this.form.scriptOf(votingScript.script).sha),
        keys: this.encodeKeys(votingScript.keys ?? []),
        header: encodeAll(votingScript.header),
      };
      this.scripts.set(votingScript, encoded);
    }
    return encoded;
  }

  private encodeKeys(keys: readonly string[]): string {
    return encodeAll(keys.map((key) => this.form.mapKey(key)));
  }
}

/** One argument as a bulk string. */
export function encode(argument: VoteArgument): string {
  const text = String(argument);
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

function encodeAll(all: readonly VoteArgument[]): string {
  let text = '';
  for (const argument of all) text += encode(argument);
  return text;
}
