// What the adapters use of packages that bring no types of their own (redlock 4, gryadka), or none that their `exports`
// let a compiler find (redlock 5 beta).

declare module 'redlock-4' {
  import type { Redis } from 'ioredis-5';

  export interface Lock {
    unlock(): PromiseLike<void>;
  }

  export default class Redlock {
    constructor(clients: Redis[], options?: { retryCount?: number });
    lock(resource: string, ttl: number): PromiseLike<Lock>;
  }
}

declare module 'redlock-5' {
  import type { Redis } from 'ioredis-5';

  interface Settings {
    retryCount?: number;
  }

  export interface Lock {
    readonly expiration: number;
  }

  export default class Redlock {
    constructor(clients: Redis[]);
    acquire(resources: string[], duration: number, settings?: Settings): Promise<Lock>;
    release(lock: Lock, settings?: Settings): Promise<unknown>;
  }
}

declare module 'gryadka' {
  /** From the present value, null for none, to the next one and an error. */
  export type Change = (value: unknown) => [next: unknown, error: null];

  export class AcceptorClient {
    constructor(settings: {
      storage: { host: string; port: number };
      /** SHA1 of the scripts, which are loaded already. */
      prepare: string;
      accept: string;
      isTransient: boolean;
    });
    start(): void;
    close(): void;
  }

  export class Cache {
    constructor(id: number);
  }

  export class Proposer {
    constructor(cache: Cache, acceptors: readonly AcceptorClient[], quorum: { read: number; write: number });
    changeQuery(
      key: string,
      change: Change,
      query: (value: unknown) => unknown,
    ): Promise<{ status: 'OK' | 'NO' | 'UNKNOWN'; details: unknown }>;
  }
}
