import { evaluate, walk } from './ioredis-connection.js';
import type { IoredisClient } from './ioredis-client.js';
import { createScript, loadScript, type Script } from './script.js';
import type { Argument, Connection, ServerFacts } from './transport.js';
import { VoteCaster } from './vote-caster.js';

const scanScript = loadScript(new URL('./lua/scan.lua', import.meta.url), []);

const guarded = new WeakMap<Script, Script>();

/**
 * A connection to the master of a Redis Cluster that serves one slot. While a slot moves to another master, each of its
 * keys is on one of the two, and Redis runs a script where all the keys are that it names. So every call names one key
 * more, which is nowhere: none runs while the slot moves, and none finds a part of what the member knows
 * (quorum.md, safeguard S30). The member is down meanwhile, and brought back on its new master.
 */
export class ClusterConnection implements Connection {
  readonly cast: NonNullable<Connection['cast']>;

  constructor(
    private readonly client: IoredisClient,
    readonly facts: ServerFacts,
    /** Key as the Cluster stores it: in the slot. */
    mapKey: (key: string) => string,
    /** A key of the slot that is never there. */
    private readonly absentKey: string,
  ) {
    const form = { kept: 'encodedInSlot', mapKey, scriptOf: guardedScript, lastKeys: [absentKey] } as const;
    this.cast = new VoteCaster(client, form).cast;
  }

  evaluate(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return evaluate(this.client, guardedScript(script), [...keys, this.absentKey], args);
  }

  /** By script: a plain SCAN would pass over keys that have moved. */
  scan(pattern: string): AsyncIterable<readonly string[]> {
    return walk((cursor, count) => this.evaluate(scanScript, [], [cursor, pattern, count]));
  }

  close(): void {
    this.client.disconnect();
  }
}

/** The script as it runs with one key more, which it does not get to see. */
function guardedScript(script: Script): Script {
  let own = guarded.get(script);
  if (!own) {
    own = createScript(script.name, `KEYS[#KEYS] = nil\n${script.source}`);
    guarded.set(script, own);
  }
  return own;
}
