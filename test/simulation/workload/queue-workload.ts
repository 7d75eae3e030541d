import { isMajorityRedisError, LeaseLostError } from '../../../lib/errors.js';
import { driftFactor } from '../../../lib/quorum/validity.js';
import type { Delivery, MessageToPut } from '../../../lib/queue/queue.js';
import { checkDeliveries, checkGroupOrder } from '../../faults/checker/check-deliveries.js';
import type { QueueDeed } from '../../faults/history/queue-history.js';
import { DeliveryExclusion } from '../invariants/delivery-exclusion.js';
import type { Chance } from '../time/chance.js';
import { nameIn, partitionsOf } from './name-in.js';
import type { Actor, Placed, Stage, Workload } from './workload.js';

/** One message to put; its body is its name. */
export interface Draft {
  readonly put: string;
  readonly options: Omit<MessageToPut, 'body'>;
}

/** What is done with a delivery, after some work on it. */
export interface Treatment {
  readonly works: number;
  readonly settle: 'ack' | 'nack' | 'give back' | 'reject';
  readonly isExtended: boolean;
  /** ms until the next attempt of one that is nacked. */
  readonly delay: number;
}

/** One step of a producer or a consumer; times in ms of the client's own clock. */
export type QueueOperationPlan = Placed & { readonly kind: 'queue'; readonly rest: number } & (
    | { readonly call: 'put'; readonly drafts: readonly Draft[] }
    | {
        readonly call: 'get';
        readonly count: number;
        readonly waitFor: number;
        readonly treatments: readonly Treatment[];
      }
    | {
        readonly call: 'consume';
        readonly lasts: number;
        readonly concurrency: number;
        readonly treatments: readonly Treatment[];
      }
  );

/** One in each partition. */
const queueName = 'mail';
const groups = ['north', 'south'];
const orders = ['order-1', 'order-2'];
/** What a call may end with when members fail or a lease was lost. */
const ordinaryCodes = new Set(['NO_QUORUM', 'LEASE_LOST', 'OUTCOME_UNKNOWN']);
/** Keys of what a queue holds, tombstones too. */
const kept = /:queue-(records|states|ready|waiting|delayed|leased|dead|seen|heads|unknown):/;
/** ms that members' clocks may differ for tombstones to go within the time that a run has. */
const clockSpreadMax = 3000;
/** ms between two looks whether all of it is gone. */
const lookEvery = 100;

export function planQueueOperations(chance: Chance, worker: string): QueueOperationPlan[] {
  const isProducer = chance.isHit(0.5);
  return Array.from({ length: chance.whole(4, 10) }, (_, index) => {
    const rest = Math.round(chance.isHit(0.7) ? chance.between(0, 40) : chance.between(40, 400));
    return isProducer ? planPut(chance, `${worker}-${index}`, rest) : planConsumption(chance, rest);
  });
}

function planPut(chance: Chance, name: string, rest: number): QueueOperationPlan {
  const count = chance.isHit(0.8) ? 1 : chance.whole(2, 4);
  const drafts = Array.from({ length: count }, (_, i) => ({ put: `${name}.${i}`, options: planOptions(chance) }));
  return { kind: 'queue', call: 'put', drafts, rest };
}

function planOptions(chance: Chance): Draft['options'] {
  return chance.weighted<() => Draft['options']>([
    [4, () => ({})],
    [3, () => ({ group: chance.pick(groups) })],
    [2, () => ({ id: chance.pick(orders) })],
    [1, () => ({ priority: chance.whole(-2, 2) })],
    [1, () => ({ delay: chance.whole(1, 300) })],
    [1, () => ({ maxAttempts: 1 })],
  ])();
}

function planConsumption(chance: Chance, rest: number): QueueOperationPlan {
  const treatments = Array.from({ length: 4 }, () => planTreatment(chance));
  if (chance.isHit(0.7)) {
    return {
      kind: 'queue',
      call: 'get',
      count: chance.whole(1, 3),
      waitFor: chance.pick([0, 100, 500]),
      treatments,
      rest,
    };
  }
  const lasts = Math.round(chance.between(50, 800));
  return { kind: 'queue', call: 'consume', lasts, concurrency: chance.whole(1, 3), treatments, rest };
}

function planTreatment(chance: Chance): Treatment {
  return {
    works: Math.round(chance.isHit(0.7) ? chance.between(0, 30) : chance.between(30, 700)),
    settle: chance.weighted([
      [8, 'ack'],
      [2, 'nack'],
      [1, 'give back'],
      [1, 'reject'],
    ] as const),
    isExtended: chance.isHit(0.15),
    delay: chance.whole(0, 100),
  };
}

/** A queue with producers and consumers: groups, callers' ids, priorities, delays, retries, dead letters. */
export class QueueWorkload implements Workload<QueueOperationPlan> {
  readonly counts = { put: 0, stored: 0, delivered: 0, acked: 0, refused: 0 };
  private readonly deeds: QueueDeed[] = [];
  private readonly exclusion: DeliveryExclusion;
  private names = 0;

  constructor(private readonly stage: Stage) {
    this.exclusion = new DeliveryExclusion(stage);
  }

  async perform(actor: Actor, operation: QueueOperationPlan): Promise<void> {
    const queue = this.queueIn(operation.partition ?? 0);
    switch (operation.call) {
      case 'put':
        await this.ordinary(actor, this.put(actor, queue, operation.drafts));
        break;
      case 'get':
        await this.ordinary(actor, this.get(actor, queue, operation));
        break;
      case 'consume':
        await this.consume(actor, queue, operation);
    }
    await actor.sleep(operation.rest);
  }

  watch(): void {
    this.exclusion.watch();
  }

  /** Every message is taken and acknowledged; those that were given up come again. */
  async finish(actors: readonly Actor[]): Promise<void> {
    for (const partition of partitionsOf(this.stage.plan)) {
      const queue = this.queueIn(partition);
      for (const actor of actors) {
        const put = nameIn(this.stage.plan, partition, `last of ${actor.name}`);
        await this.put(actor, queue, [{ put, options: { group: groups[0]! } }]);
      }
      for (const actor of actors) await this.drain(actor, queue);
    }
    await this.leavesNothing(actors[0]!);
  }

  judge(): void {
    for (const violation of [...checkDeliveries(this.deeds), ...this.checkOrder()]) {
      this.stage.object(`queue: ${violation}`);
    }
  }

  /**
   * Order is by creation, as the client takes it for the members' time, and as home sees it: what one client puts is in
   * order as long as home does not change and members agree on the time.
   */
  private checkOrder(): string[] {
    const { faults, delays, clientClocks } = this.stage.plan;
    if (faults.length > 0 || delays.slowShare > 0 || clockSpread(this.stage) > 0) return [];
    return clientClocks.flatMap((_, index) => {
      const isOfOthers = ({ put }: { put: string }): boolean => !put.startsWith(String(index + 1));
      return checkGroupOrder(
        this.deeds.map((deed) => (deed.kind === 'put' && isOfOthers(deed) ? { ...deed, isOrdered: false } : deed)),
      );
    });
  }

  private queueIn(partition: number): string {
    return nameIn(this.stage.plan, partition, queueName);
  }

  /** A group or a caller's id as nothing in another queue is called. */
  private inQueue(queue: string, name: string): string {
    return this.stage.plan.split ? `${queue}/${name}` : name;
  }

  private async put({ name, redis }: Actor, queue: string, drafts: readonly Draft[]): Promise<void> {
    for (const { put, options } of drafts) {
      const { id } = options;
      const group = options.group && this.inQueue(queue, options.group);
      const isOrdered = group !== undefined && drafts.length === 1;
      const key = id === undefined ? put : this.inQueue(queue, id);
      const [dueAt, isOnce] = [this.dueAfter(options.delay ?? 0), options.maxAttempts === 1];
      this.note(name, { kind: 'put', put, key, group, isOrdered, dueAt, isOnce });
    }
    this.counts.put += drafts.length;
    const messages = drafts.map(({ put, options }) => ({ ...options, body: put }));
    const receipts =
      messages.length === 1
        ? [await redis.queues.put(queue, messages[0]!.body, drafts[0]!.options)]
        : await redis.queues.putAll(queue, messages);
    receipts.forEach(({ isDuplicate }, index) => {
      this.counts.stored += 1;
      this.note(name, { kind: 'stored', put: drafts[index]!.put, isDuplicate });
    });
  }

  private async get(
    actor: Actor,
    queue: string,
    { count, waitFor, treatments }: QueueOperationPlan & { call: 'get' },
  ): Promise<void> {
    const taken = await actor.redis.queues.get(queue, { count, waitFor });
    await Promise.all(taken.map((delivery, index) => this.treat(actor, queue, delivery, treatments[index]!)));
  }

  private async consume(
    actor: Actor,
    queue: string,
    { lasts, concurrency, treatments }: QueueOperationPlan & { call: 'consume' },
  ): Promise<void> {
    const handlers: Promise<void>[] = [];
    const subscription = actor.redis.queues.consume(queue, { concurrency }).subscribe({
      next: (delivery) => {
        const treatment = treatments[handlers.length % treatments.length]!;
        handlers.push(this.ordinary(actor, this.treat(actor, queue, delivery, treatment)));
      },
      error: (error) => this.stage.object(`consume failed with ${String(error)}`),
    });
    await actor.sleep(lasts);
    subscription.unsubscribe();
    await Promise.all(handlers);
  }

  private async treat(actor: Actor, queue: string, delivery: Delivery, treatment: Treatment): Promise<void> {
    if (!delivery.isHeld) return;
    const name = `${actor.name}.${++this.names}`;
    const key = delivery.id.startsWith('order-') ? this.inQueue(queue, delivery.id) : String(delivery.body);
    const { token } = delivery;
    const group = delivery.group && this.inQueue(queue, delivery.group);
    this.counts.delivered += 1;
    this.note(actor.name, { kind: 'delivery', delivery: name, key, token, group });
    const leave = this.exclusion.enter(actor.name, key, group, delivery);
    try {
      await actor.sleep(treatment.works / 2);
      if (treatment.isExtended) await delivery.extend();
      await actor.sleep(treatment.works / 2);
      if (delivery.isHeld) this.note(actor.name, { kind: 'held', delivery: name });
      leave();
      await this.settle(actor, delivery, name, treatment);
    } catch (error) {
      leave();
      const isTakenBack = error instanceof LeaseLostError && error.reason === 'settled';
      if (delivery.isHeld || isTakenBack) this.note(actor.name, { kind: 'given back', delivery: name });
      // what nobody settles is extended in the background for as long as this process lives
      while (delivery.isHeld && !(await isGivenBack(delivery))) await actor.sleep(lookEvery);
      throw error;
    }
  }

  private async settle(actor: Actor, delivery: Delivery, name: string, treatment: Treatment): Promise<void> {
    switch (treatment.settle) {
      case 'ack':
        this.note(actor.name, { kind: 'ack', delivery: name });
        await delivery.ack();
        this.counts.acked += 1;
        return this.note(actor.name, { kind: 'acked', delivery: name });
      case 'nack':
        return this.nack(actor, delivery, name, treatment.delay);
      case 'give back':
        this.note(actor.name, { kind: 'given back', delivery: name });
        return delivery.giveBack();
      case 'reject':
        this.note(actor.name, { kind: 'reject', delivery: name });
        return delivery.reject();
    }
  }

  private async nack(actor: Actor, delivery: Delivery, name: string, delay: number): Promise<void> {
    const dueAt = this.dueAfter(delay);
    const isLast = delivery.attempt >= delivery.maxAttempts;
    // it is given up then
    if (isLast) this.note(actor.name, { kind: 'reject', delivery: name });
    await delivery.nack({ delay });
    // another message may have taken over the caller's id
    if (isLast || delivery.id.startsWith('order-')) return;
    this.note(actor.name, { kind: 'nacked', delivery: name, dueAt });
  }

  /** Members' clocks may run faster by that much, and tell whole ms. */
  private dueAfter(delay: number): number {
    return this.stage.now() + delay * (1 - driftFactor) - 1;
  }

  private async ordinary(actor: Actor, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      const code = isMajorityRedisError(error) ? error.code : '';
      this.stage.note(actor.name, `failed: ${String(error)}`);
      this.counts.refused += 1;
      if (!ordinaryCodes.has(code)) this.stage.object(`${actor.name} failed with ${String(error)}`);
    }
  }

  private async drain(actor: Actor, queue: string): Promise<void> {
    this.note(actor.name, { kind: 'redrive' });
    while (!(await this.isDrained(actor, queue))) {
      await actor.redis.queues.redrive(queue);
      const taken = await actor.redis.queues.get(queue, { count: 5, waitFor: 100 });
      const plan = { works: 0, settle: 'ack', isExtended: false, delay: 0 } as const;
      await Promise.all(taken.map((delivery) => this.treat(actor, queue, delivery, plan)));
    }
  }

  private async isDrained({ redis }: Actor, queue: string): Promise<boolean> {
    const { ready, delayed, leased, dead } = await redis.queues.size(queue);
    return ready + delayed + leased + dead === 0;
  }

  /** Once all is done no member keeps anything of it for long: neither messages nor tombstones. */
  private async leavesNothing(actor: Actor): Promise<void> {
    // a floor is below the time of all members that it is agreed with
    if (clockSpread(this.stage) > clockSpreadMax) return;
    while (this.stage.keysLike(kept).length > 0) {
      await actor.sleep(lookEvery);
      // a put that failed may be at a minority, and come to the others late
      for (const partition of partitionsOf(this.stage.plan)) await this.drain(actor, this.queueIn(partition));
    }
  }

  private note(who: string, what: DeedOf<QueueDeed>): void {
    this.deeds.push({ ...what, at: this.stage.now() } as QueueDeed);
    this.stage.note(who, JSON.stringify(what));
  }
}

function isGivenBack(delivery: Delivery): Promise<boolean> {
  return delivery.giveBack().then(
    () => true,
    () => false,
  );
}

/** ms by which members' clocks differ. */
function clockSpread({ plan }: Stage): number {
  const offsets = plan.memberClocks.map(({ offset }) => offset);
  return Math.max(...offsets) - Math.min(...offsets);
}

type DeedOf<T> = T extends unknown ? Omit<T, 'at'> : never;
