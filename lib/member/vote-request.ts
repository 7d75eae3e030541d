import type { Script } from './script.js';
import type { Argument } from './transport.js';

/** A script that runs many requests in one call. KEYS[1] is the marker; ARGV starts with the run_id and the header. */
export interface VotingScript {
  readonly script: Script;
  /** Arguments that are the same for every request of this group. */
  readonly header: readonly Argument[];
}

/** One request to one protocol, the same for each member it goes to. */
export interface VoteRequest {
  readonly votingScript: VotingScript;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
  /** How many small requests it keeps a server busy for. @default 1 */
  readonly weight?: number;
  /** Gets exactly one reply or failure per member. */
  readonly sink: VoteSink;
}

/** Where answers go. Must not throw. */
export interface VoteSink {
  /** @param reply what the script answered to this request: a word, or an array that starts with one */
  onReply(memberIndex: number, reply: unknown): void;
  /** There is no vote. @param said why: `suspect`, `no reply in 500 ms`, an error text of the server */
  onFailure(memberIndex: number, said: string): void;
}
