import type { Script } from './script.js';
import type { VoteRequest } from './vote-request.js';

/** What scripts and commands take as arguments. */
export type Argument = string | number | Buffer;

/** What the server said of itself when the connection was made. */
export interface ServerFacts {
  /** `run_id`: names one life of the server's process. */
  readonly incarnation: string;
  /** `maxmemory-policy`, when the server tells. */
  readonly evictionPolicy?: string;
}

/** One life of a connection to one member; gone for good once closed. */
export interface Connection {
  readonly facts: ServerFacts;
  /** Runs a script: EVALSHA, and EVAL once when the server does not know it. */
  evaluate(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown>;
  /**
   * Runs a batch of votes of one script, where the connection has a cheaper way than `evaluate`; keys are as the
   * requests have them. `onDone` is called once, later, with what the script would answer. A batch that was given up
   * meanwhile is empty.
   *
   * @param markerKey as this member stores it
   * @param incarnation what the marker must say
   */
  cast?(
    markerKey: string,
    incarnation: string,
    batch: readonly VoteRequest[],
    onDone: (error: Error | null, reply?: unknown) => void,
  ): void;
  /** Pages of keys that match the glob pattern, one for each answer of the server, also empty ones; a key may come twice. */
  scan(pattern: string): AsyncIterable<readonly string[]>;
  /** Destroys the socket at once: what is in flight rejects. */
  close(): void;
}

/** A subscription to one channel, on a connection of its own. */
export interface Subscription {
  close(): void;
}

/** How one member is reached. Implemented over ioredis; a simulation implements it over its own network. */
export interface Transport {
  /** Host and port or what stands for it; never a password. */
  readonly address: string;
  /**
   * Whether what the member kept when it forgot may be a part of what it knew: while a slot of a Cluster moves, either
   * master may fail and lose what it has of it.
   */
  readonly mayKeepPart?: boolean;
  /**
   * Key as this member stores it: Cluster members put all keys under one prefix into one slot, so that a script may
   * touch several of them.
   */
  mapKey(key: string): string;
  /**
   * Opens a connection; rejects when that takes over `timeout` ms. `onClosed` is called at most once, with the reason,
   * when an open connection has ended, also by `close()`.
   */
  connect(timeout: number, onClosed: (reason: string) => void): Promise<Connection>;
  subscribe(
    channel: string,
    timeout: number,
    onMessage: (message: string) => void,
    onClosed: (reason: string) => void,
  ): Promise<Subscription>;
}
