import type { Delivery } from '../../../lib/queue/queue.js';
import type { Stage } from '../workload/workload.js';

interface Out {
  readonly who: string;
  readonly delivery: Delivery;
}

/** What must hold for deliveries at every moment: one holder of a message, and of a group, by the holders' own `isHeld`. */
export class DeliveryExclusion {
  private readonly out = new Map<string, Set<Out>>();

  constructor(private readonly stage: Stage) {}

  /** @returns what to call when it is settled */
  enter(who: string, key: string, group: string | undefined, delivery: Delivery): () => void {
    const one = { who, delivery };
    const names = [`message ${key}`, ...(group === undefined ? [] : [`group ${group}`])];
    for (const name of names) {
      const all = this.out.get(name) ?? new Set();
      this.out.set(name, all.add(one));
    }
    this.watch();
    return () => {
      for (const name of names) this.out.get(name)!.delete(one);
    };
  }

  /** Two hold what only one may. */
  watch(): void {
    for (const [name, all] of this.out) {
      if (all.size < 2) continue;
      const held = [...all].filter(({ delivery }) => delivery.isHeld);
      if (held.length < 2) continue;
      const names = held.map(({ who, delivery }) => `${who} (token ${delivery.token})`);
      this.stage.object(`${name} is held by ${names.join(' and ')} at once`);
    }
  }
}
