import { CallEncoder, encode, type CallForm } from './encoded-call.js';
import { encodedCommandOf, type EncodedCommandCallback, type EncodedCommandClass } from './encoded-command.js';
import { flatten } from './flatten.js';
import type { IoredisClient } from './ioredis-client.js';
import { isUnknownScript } from './script.js';
import type { Connection } from './transport.js';

/** Casts batches of votes over a connection as texts that are made once for all members: `Connection.cast`. */
export class VoteCaster {
  private readonly EncodedCommand: EncodedCommandClass;
  private readonly encoder: CallEncoder;

  constructor(
    private readonly client: IoredisClient,
    private readonly form: CallForm,
  ) {
    this.EncodedCommand = encodedCommandOf(client);
    this.encoder = new CallEncoder(form);
  }

  readonly cast: NonNullable<Connection['cast']> = (markerKey, incarnation, batch, onDone) => {
    const { encoder } = this;
    const { votingScript } = batch[0]!;
    const marker = encode(markerKey);
    if (votingScript.isRead) {
      return this.send('mget', encoder.mget(marker, batch), readWith(incarnation, batch.length, onDone));
    }
    this.send('evalsha', encoder.evalsha(marker, encode(incarnation), batch), (error, reply) => {
      const isGivenUp = batch.length === 0;
      if (!error || !isUnknownScript(error) || isGivenUp) return onDone(error, reply);
      const { mapKey, scriptOf, lastKeys } = this.form;
      const { keys, args } = flatten(markerKey, incarnation, batch, mapKey);
      keys.push(...lastKeys);
      this.client
        .eval(scriptOf(votingScript.script).source, keys.length, keys, args)
        .then((late) => onDone(null, late), onDone);
    });
  };

  private send(name: string, payload: string, callback: EncodedCommandCallback): void {
    this.client.sendCommand(new this.EncodedCommand(name, payload, callback));
  }
}

/** Tells as a script would: no vote without the marker, which is read in the same step (quorum.md, S03). */
function readWith(
  incarnation: string,
  count: number,
  onDone: (error: Error | null, reply?: unknown) => void,
): EncodedCommandCallback {
  return (error, reply) => {
    if (error) return onDone(error);
    const texts = reply as (string | null)[];
    if (texts.shift() !== incarnation) return onDone(null, 'REJOIN');
    texts.length = count;
    for (let i = 0; i < count; i++) texts[i] ??= '';
    onDone(null, texts);
  };
}
