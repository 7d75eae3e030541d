import type { Script } from './script.js';
import type { EncodedRequest } from './encoded-call.js';

/** What voting requests take as arguments. */
export type VoteArgument = string | number;

/**
 * A script that runs many requests in one call. KEYS are the marker, the script's own keys, then those of each request;
 * ARGV starts with the run_id and the header.
 */
export interface VotingScript {
  readonly script: Script;
  /** Keys that are the same for every request of this group. */
  readonly keys?: readonly string[];
  /** Arguments that are the same for every request of this group. */
  readonly header: readonly VoteArgument[];
  /**
   * Each request is one key without arguments, answered with the text under it, '' when there is none. Such requests
   * may be answered after later ones of other scripts, and by other means than the script.
   */
  readonly isRead?: boolean;
}

/** One request to one protocol, the same for each member it goes to. */
export interface VoteRequest {
  readonly votingScript: VotingScript;
  readonly keys: readonly string[];
  readonly args: readonly VoteArgument[];
  /** How many small requests it keeps a server busy for. @default 1 */
  readonly weight?: number;
  /** Gets exactly one reply or failure per member. */
  readonly sink: VoteSink;
  /** What connections keep of it: it is encoded once for all members that are servers, and once for all Clusters. */
  encoded?: EncodedRequest | undefined;
  encodedInSlot?: EncodedRequest | undefined;
}

/** Where answers go. Must not throw. */
export interface VoteSink {
  /** @param reply what the script answered to this request: a word, or an array that starts with one */
  onReply(memberIndex: number, reply: unknown): void;
  /** There is no vote. @param said why: `suspect`, `no reply in 500 ms`, an error text of the server */
  onFailure(memberIndex: number, said: string): void;
  /** It takes longer than a member takes as a rule; perhaps more than once. The reply or failure still comes. */
  onSlow?(memberIndex: number): void;
}
