import type { Lock } from '../../../lib/lock/lock.js';
import type { Stage } from '../workload/workload.js';

interface Holding {
  readonly who: string;
  readonly lock: Lock;
}

/** One lock as the world sees it. */
interface Resource {
  /** Granted and not let go by their holders. */
  readonly holdings: Set<Holding>;
  /** Highest token of an exclusive holder, and of any. */
  exclusiveToken: number;
  anyToken: number;
  /** Highest token that wrote to what the lock guards. */
  written: number;
}

/**
 * What must hold for locks at every moment: one exclusive holder and nobody beside it, by the holders' own `isHeld`;
 * tokens grow from holder to holder; what the lock guards never refuses a holder.
 */
export class Exclusion {
  private readonly resources = new Map<string, Resource>();

  constructor(private readonly stage: Stage) {}

  /** A lock was granted. @returns what to call when its holder lets go */
  enter(who: string, lock: Lock): () => void {
    const holding = { who, lock };
    for (const key of lock.keys) {
      const resource = this.resourceOf(key);
      // of shared holders only the exclusive ones before them are earlier
      const before = lock.mode === 'exclusive' ? resource.anyToken : resource.exclusiveToken;
      if (lock.token <= before) this.stage.object(`${who} got "${key}" with token ${lock.token}, not above ${before}`);
      resource.anyToken = Math.max(resource.anyToken, lock.token);
      if (lock.mode === 'exclusive') resource.exclusiveToken = Math.max(resource.exclusiveToken, lock.token);
      resource.holdings.add(holding);
    }
    this.watch();
    return () => {
      for (const key of lock.keys) this.resourceOf(key).holdings.delete(holding);
    };
  }

  /** A holder writes to what the lock guards. */
  write(who: string, { keys, token, isHeld }: Lock): void {
    for (const key of keys) {
      const resource = this.resourceOf(key);
      if (token >= resource.written) resource.written = token;
      else if (isHeld) this.stage.object(`${who} holds "${key}", and its write with token ${token} was refused`);
    }
  }

  /** Two hold what only one may. */
  watch(): void {
    for (const [key, { holdings }] of this.resources) {
      if (holdings.size < 2) continue;
      const held = [...holdings].filter(({ lock }) => lock.isHeld);
      if (held.length < 2 || held.every(({ lock }) => lock.mode === 'shared')) continue;
      const names = held.map(({ who, lock }) => `${who} (${lock.mode}, token ${lock.token})`);
      this.stage.object(`"${key}" is held by ${names.join(' and ')} at once`);
    }
  }

  private resourceOf(key: string): Resource {
    let resource = this.resources.get(key);
    if (!resource) {
      resource = { holdings: new Set(), exclusiveToken: 0, anyToken: 0, written: 0 };
      this.resources.set(key, resource);
    }
    return resource;
  }
}
