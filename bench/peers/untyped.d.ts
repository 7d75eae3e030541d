// What the adapters use of two packages that bring no types of their own (redlock 4), or none that their `exports`
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
