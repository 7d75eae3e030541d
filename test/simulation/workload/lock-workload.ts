import { LockLostError, LockUnavailableError, NoQuorumError } from '../../../lib/errors.js';
import type { LockMode } from '../../../lib/lock/lock.js';
import { Exclusion } from '../invariants/exclusion.js';
import type { Chance } from '../time/chance.js';
import { nameIn, partitionsOf } from './name-in.js';
import type { Actor, Placed, Stage, Workload } from './workload.js';

/** One acquisition and what is done under it; times in ms of the client's own clock. */
export interface LockOperationPlan extends Placed {
  readonly kind: 'lock';
  readonly keys: readonly string[];
  readonly mode: LockMode;
  readonly ttl: number;
  readonly waitFor: number;
  readonly autoExtend: boolean;
  readonly hold: number;
  /** Renewed by hand in the middle. */
  readonly isExtended: boolean;
  /** Otherwise it ends by itself, as when its holder forgets it. */
  readonly isReleased: boolean;
  readonly rest: number;
}

const keys = ['seat', 'till'];
const writes = 3;

export function planLockOperations(chance: Chance): LockOperationPlan[] {
  return Array.from({ length: chance.whole(4, 9) }, () => planLockOperation(chance));
}

function planLockOperation(chance: Chance): LockOperationPlan {
  const isReleased = chance.isHit(0.9);
  return {
    kind: 'lock',
    keys: chance.weighted([
      [6, [keys[0]!]],
      [2, [keys[1]!]],
      [2, chance.shuffled(keys)],
    ]),
    mode: chance.isHit(0.75) ? 'exclusive' : 'shared',
    ttl: chance.pick([100, 250, 600]),
    waitFor: chance.pick([0, 50, 400, 1500]),
    autoExtend: isReleased && chance.isHit(0.7),
    hold: Math.round(chance.isHit(0.7) ? chance.between(0, 60) : chance.between(60, 700)),
    isExtended: chance.isHit(0.2),
    isReleased,
    rest: Math.round(chance.between(0, 120)),
  };
}

/** Locks: exclusive, shared, several keys at once, contended, extended, forgotten. */
export class LockWorkload implements Workload<LockOperationPlan> {
  readonly counts = { acquired: 0, refused: 0, lost: 0 };
  private readonly exclusion: Exclusion;

  constructor(private readonly stage: Stage) {
    this.exclusion = new Exclusion(stage);
  }

  async perform(actor: Actor, operation: LockOperationPlan): Promise<void> {
    const { mode, ttl, waitFor, autoExtend, hold, partition = 0 } = operation;
    // of several keys all are in one partition, as the library demands
    const names = operation.keys.map((key) => nameIn(this.stage.plan, partition, key));
    try {
      const lock = await actor.redis.locks.acquire(names, { mode, ttl, waitFor, autoExtend });
      this.counts.acquired += 1;
      this.stage.note(actor.name, `acquired ${names.join('+')} ${mode} with ${lock.token}`);
      const leave = this.exclusion.enter(actor.name, lock);
      try {
        for (let step = 0; step < writes; step++) {
          await actor.sleep(hold / writes);
          if (mode === 'exclusive') this.exclusion.write(actor.name, lock);
          if (step === 1 && operation.isExtended) await lock.extend();
        }
      } finally {
        // also after an extension that failed: it may go on in the background
        if (operation.isReleased) await lock.release().finally(leave);
      }
      this.stage.note(actor.name, `let go ${names.join('+')}`);
    } catch (error) {
      this.note(actor, error);
    }
    await actor.sleep(operation.rest);
  }

  watch(): void {
    this.exclusion.watch();
  }

  async finish(actors: readonly Actor[]): Promise<void> {
    for (const partition of partitionsOf(this.stage.plan)) {
      const names = keys.map((key) => nameIn(this.stage.plan, partition, key));
      for (const actor of actors) {
        for (const mode of ['shared', 'exclusive'] as const) await this.succeed(actor, names, mode);
      }
    }
  }

  judge(): void {
    this.exclusion.watch();
  }

  private async succeed(actor: Actor, names: readonly string[], mode: LockMode): Promise<void> {
    const lock = await actor.redis.locks.acquire(names, { mode, ttl: 500, waitFor: 3000 });
    const leave = this.exclusion.enter(actor.name, lock);
    if (mode === 'exclusive') this.exclusion.write(actor.name, lock);
    await lock.release().finally(leave);
  }

  private note(actor: Actor, error: unknown): void {
    this.stage.note(actor.name, `failed: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof LockLostError) this.counts.lost += 1;
    else if (error instanceof LockUnavailableError || error instanceof NoQuorumError) this.counts.refused += 1;
    else this.stage.object(`${actor.name} failed with ${String(error)}`);
  }
}
