import { NoQuorumError, OutcomeUnknownError } from '../../../lib/errors.js';
import type { QuorumKvService } from '../../../lib/kv/quorum-kv.service.js';
import { checkLinearizability, type KvOperation } from '../../faults/checker/check-linearizability.js';
import type { KvResult } from '../../faults/checker/kv-operation.js';
import { carryOut, type CalledAction } from '../../faults/workload/carry-out.js';
import { WatchedVersions } from '../invariants/watched-versions.js';
import type { Chance } from '../time/chance.js';
import { nameIn, partitionsOf, plainName } from './name-in.js';
import type { Actor, Placed, Stage, Workload } from './workload.js';

/** One call on one key. */
export interface KvOperationPlan extends Placed {
  readonly kind: 'kv';
  readonly key: string;
  /** `swap` compares with what this worker read last. */
  readonly call: 'get' | 'set' | 'swap' | 'increment' | 'delete' | 'set with ttl';
  /** A name that no other call writes. */
  readonly value: string;
  readonly ttl: number;
  readonly rest: number;
}

const registers = ['red', 'blue'];
const counter = 'stock';
const perishable = 'offer';
const maxSteps = 300_000;

export function planKvOperations(chance: Chance, worker: string): KvOperationPlan[] {
  return Array.from({ length: chance.whole(6, 16) }, (_, index) => {
    const key = chance.weighted([
      [5, chance.pick(registers)],
      [3, counter],
      [2, perishable],
    ]);
    return {
      kind: 'kv',
      key,
      call: pickCall(chance, key),
      value: `${worker}-${index}`,
      ttl: chance.pick([20, 150, 2000]),
      rest: Math.round(chance.isHit(0.7) ? chance.between(0, 20) : chance.between(20, 400)),
    };
  });
}

function pickCall(chance: Chance, key: string): KvOperationPlan['call'] {
  if (key === counter) return chance.isHit(0.65) ? 'increment' : 'get';
  return chance.weighted<KvOperationPlan['call']>([
    [4, 'get'],
    [key === perishable ? 0 : 2, 'set'],
    [3, 'swap'],
    [1, 'delete'],
    [key === perishable ? 3 : 0, 'set with ttl'],
  ]);
}

/** Values under a few keys that all clients change. */
export class KvWorkload implements Workload<KvOperationPlan> {
  readonly counts = { done: 0, refused: 0, unknown: 0, undecided: 0 };
  private readonly history: KvOperation[] = [];
  private readonly seen = new Map<string, string | null>();
  private readonly watched: WatchedVersions;

  constructor(private readonly stage: Stage) {
    this.watched = new WatchedVersions(stage);
  }

  async perform(actor: Actor, operation: KvOperationPlan): Promise<void> {
    const placed = { ...operation, key: nameIn(this.stage.plan, operation.partition ?? 0, operation.key) };
    this.watched.watch(actor, placed.key);
    await this.record(actor, placed.key, this.actionOf(actor, placed), (kv, action) => perform(kv, placed, action));
    await actor.sleep(operation.rest);
  }

  async finish(actors: readonly Actor[]): Promise<void> {
    for (const partition of partitionsOf(this.stage.plan)) {
      const inPartition = (name: string): string => nameIn(this.stage.plan, partition, name);
      const keys = [...registers, counter].map(inPartition);
      for (const actor of actors) {
        for (const key of [...keys, inPartition(perishable)]) await this.succeed(actor, key, { kind: 'get' });
        await this.succeed(actor, keys[0]!, { kind: 'set', value: `${actor.name}-last` });
        await this.succeed(actor, inPartition(counter), { kind: 'increment', by: 1 });
      }
      for (const actor of actors) {
        for (const key of keys) await this.succeed(actor, key, { kind: 'get' });
      }
      for (const key of keys) await this.watched.areTold(actors, key);
    }
  }

  judge(): void {
    const verdict = checkLinearizability(this.history, { maxSteps });
    if (verdict.kind === 'undecided') this.counts.undecided += 1;
    if (verdict.kind === 'violation') this.stage.object(`not linearizable: ${JSON.stringify(verdict)}`);
    for (const partition of partitionsOf(this.stage.plan)) {
      this.checkCounter(nameIn(this.stage.plan, partition, counter));
    }
  }

  private actionOf(actor: Actor, { key, call, value }: KvOperationPlan): CalledAction {
    switch (call) {
      case 'get':
        return { kind: 'get' };
      case 'set':
      case 'set with ttl':
        return { kind: 'set', value };
      case 'swap':
        return { kind: 'cas', expected: this.seen.get(`${actor.name} ${key}`) ?? null, next: value };
      case 'increment':
        return { kind: 'increment', by: 1 };
      case 'delete':
        return { kind: 'delete' };
    }
  }

  private async succeed(actor: Actor, key: string, action: CalledAction): Promise<void> {
    const outcome = await this.record(actor, key, action, (kv) => carryOut(kv, key, action));
    if (outcome.kind !== 'ok') this.stage.object(`all is well, and ${actor.name}'s ${action.kind} of "${key}" failed`);
  }

  private async record(
    actor: Actor,
    key: string,
    action: CalledAction,
    call: (kv: QuorumKvService, action: CalledAction) => Promise<KvResult>,
  ): Promise<KvOperation['outcome']> {
    const calledAt = this.stage.now();
    const index = this.history.length;
    const begun = { process: actor.name, key, action, calledAt };
    // of a client that dies in the middle it stays unknown
    this.history.push({ ...begun, returnedAt: Infinity, outcome: { kind: 'unknown' } });
    // by whose clock a value with an end ends is left open, also that of one that took its place
    if (plainName(key) === perishable && (action.kind === 'set' || action.kind === 'cas')) {
      const value = action.kind === 'set' ? action.value : action.next;
      this.history.push({
        ...begun,
        action: { kind: 'expire', value },
        returnedAt: Infinity,
        outcome: { kind: 'unknown' },
      });
    }
    const outcome = await this.outcomeOf(actor, call(actor.redis.kv, action));
    this.stage.note(actor.name, `${action.kind} ${key}: ${JSON.stringify(outcome)}`);
    const returnedAt = outcome.kind === 'unknown' ? Infinity : this.stage.now();
    this.history[index] = { ...begun, returnedAt, outcome };
    if (action.kind === 'get' && outcome.kind === 'ok') {
      this.seen.set(`${actor.name} ${key}`, outcome.result as string | null);
    }
    return outcome;
  }

  private async outcomeOf(actor: Actor, call: Promise<KvResult>): Promise<KvOperation['outcome']> {
    try {
      const result = await call;
      this.counts.done += 1;
      return { kind: 'ok', result };
    } catch (error) {
      if (error instanceof NoQuorumError) {
        this.counts.refused += 1;
        return { kind: 'failed' };
      }
      if (!(error instanceof OutcomeUnknownError)) this.stage.object(`${actor.name} failed with ${String(error)}`);
      this.counts.unknown += 1;
      return { kind: 'unknown' };
    }
  }

  /** Linearizability says it too; this is plainer to read. */
  private checkCounter(name: string): void {
    const increments = this.history.filter(({ key, action }) => key === name && action.kind === 'increment');
    const done = increments.filter(({ outcome }) => outcome.kind === 'ok').length;
    const unknown = increments.filter(({ outcome }) => outcome.kind === 'unknown').length;
    const last = this.history.findLast(({ key, action, outcome }) => {
      return key === name && action.kind === 'get' && outcome.kind === 'ok';
    });
    const value = last?.outcome.kind === 'ok' ? Number(last.outcome.result ?? 0) : 0;
    if (last && this.isAfterAll(last, increments) && (value < done || value > done + unknown)) {
      this.stage.object(`${done} increments were acknowledged and ${unknown} are open, and "${name}" is ${value}`);
    }
  }

  private isAfterAll({ calledAt }: KvOperation, increments: readonly KvOperation[]): boolean {
    return increments.every(({ outcome, returnedAt }) => outcome.kind !== 'ok' || returnedAt <= calledAt);
  }
}

function perform(
  kv: QuorumKvService,
  { key, call, value, ttl }: KvOperationPlan,
  action: CalledAction,
): Promise<KvResult> {
  if (call === 'set with ttl') return kv.set(key, value, { ttl }).then(() => null);
  return carryOut(kv, key, action);
}
