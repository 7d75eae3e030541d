import type { SoakCall } from '../report/soak-report.js';
import { now } from './now.js';

/** What a contender did under a lock. */
export type Deed =
  | {
      readonly kind: 'enter';
      readonly contender: string;
      readonly token: number;
      /** Contenders that were inside at this moment and whose lock said it was held. */
      readonly besides: readonly string[];
    }
  | { readonly kind: 'leave'; readonly contender: string; readonly token: number }
  | { readonly kind: 'write'; readonly contender: string; readonly token: number; readonly isAccepted: boolean }
  /** An attempt that got no lock. */
  | { readonly kind: 'fail'; readonly contender: string; readonly code: string };

/** What a lock tells of itself at any moment. */
interface Holding {
  readonly contender: string;
  readonly lock: { readonly isHeld: boolean; readonly token: number };
}

/** All deeds of one run in their order; knows who is inside. */
export class History {
  readonly deeds: Deed[] = [];
  /** Every attempt to get in. */
  readonly calls: SoakCall[] = [];
  private readonly inside = new Set<Holding>();

  /** @returns what to call on leaving */
  enter(contender: string, lock: Holding['lock']): () => void {
    const besides = [...this.inside].filter((other) => other.lock.isHeld).map((other) => other.contender);
    this.calls.push({ at: now(), outcome: 'done' });
    // looked at last: a lock that ended while we looked is not besides anybody
    const holding = { contender, lock };
    if (lock.isHeld) {
      this.inside.add(holding);
      this.deeds.push({ kind: 'enter', contender, token: lock.token, besides });
    }
    return () => {
      if (this.inside.delete(holding)) this.deeds.push({ kind: 'leave', contender, token: lock.token });
    };
  }

  write(contender: string, token: number, isAccepted: boolean): void {
    this.deeds.push({ kind: 'write', contender, token, isAccepted });
  }

  fail(contender: string, code: string): void {
    this.calls.push({ at: now(), outcome: 'refused' });
    this.deeds.push({ kind: 'fail', contender, code });
  }

  count(kind: Deed['kind']): number {
    return this.deeds.filter((deed) => deed.kind === kind).length;
  }
}
