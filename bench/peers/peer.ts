/** Every contender asks for leases of this length, ms. */
export const TTL_MS = 10_000;

/** A waiting acquisition of any contender gives up after this long, ms. */
export const WAIT_MAX_MS = 30_000;

/** One contender: a library, the floor, or ours, behind the same few calls. */
export interface Peer<Connection> {
  readonly name: string;
  /** The package and the client it uses, with their installed versions. */
  readonly versions: string;
  /** Connects to all members; resolves when all of them are usable. */
  connect(urls: readonly string[]): Promise<Connection>;
}

/** A connected lock contender. Its options are its defaults wherever a row does not force another value. */
export interface LockConnection<Held = unknown> {
  /** Takes a lock in one attempt, without retry; rejects when it is not granted. */
  acquire(key: string): PromiseLike<Held>;
  /** Takes a lock, waiting up to `WAIT_MAX_MS` with the library's default delays. Missing: it cannot wait. */
  acquireWaiting?(key: string): PromiseLike<Held>;
  /** Gives it back; rejects when a quorum did not confirm. */
  release(held: Held): PromiseLike<unknown>;
  close(): Promise<void>;
}

/** A connected key-value contender, with its defaults. */
export interface StoreConnection {
  get(key: string): PromiseLike<unknown>;
  set(key: string, value: string): PromiseLike<unknown>;
  /** Adds 1 to a counter that many clients share. Missing: it cannot do so by majority. */
  increment?(key: string): PromiseLike<unknown>;
  /** Whether an increment that failed this way may have been applied nevertheless. */
  isUnknown?(error: unknown): boolean;
  close(): Promise<void>;
}

/** A connected queue contender, with its defaults. What is done is not kept. */
export interface QueueConnection {
  put(queue: string, body: string): PromiseLike<unknown>;
  putAll(queue: string, bodies: readonly string[]): PromiseLike<unknown>;
  /** A consumer that is connected and takes nothing before it is started. */
  consumer(queue: string, concurrency: number, listener: ConsumerListener): Promise<Consumer>;
  close(): Promise<void>;
}

export interface ConsumerListener {
  /** The work itself. */
  onMessage(body: string): void;
  /** The message is done, and known to be. */
  onDone(): void;
  onFailure(error: unknown): void;
}

export interface Consumer {
  start(): void;
  /** Resolves when what it works on is done. */
  stop(): Promise<void>;
}
