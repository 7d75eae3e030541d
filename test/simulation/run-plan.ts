import { healAll, plantFaults } from './nemesis/carry-out.js';
import type { Plan, WorkerPlan } from './plan.js';
import { KvWorkload } from './workload/kv-workload.js';
import { LockWorkload } from './workload/lock-workload.js';
import { QueueWorkload } from './workload/queue-workload.js';
import { nameIn, partitionsOf } from './workload/name-in.js';
import type { Actor, Operation, Workload, WorkloadName } from './workload/workload.js';
import { textOf, World } from './world.js';

/** What a run showed. */
export interface Outcome {
  /** None when all is well. */
  readonly violations: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  /** Events of virtual time that were executed. */
  readonly events: number;
  /** Virtual ms. */
  readonly lasted: number;
}

/** ms that workers may need at most after the last fault, members to be whole again, and every operation to succeed. */
const workEnds = 30_000;
const recovered = 30_000;
const finished = 30_000;

/** Carries out a plan in virtual time. The same plan gives the same run, byte for byte of its trace. */
export async function runPlan(plan: Plan, trace?: (line: string) => void): Promise<Outcome> {
  const world = new World(plan, trace);
  const rejected = (error: unknown): void => world.object(`unhandled rejection: ${textOf(error)}`);
  process.on('unhandledRejection', rejected);
  try {
    const run = new Run(world);
    await run.toEnd();
    return { violations: world.violations, counts: run.counts, events: world.scheduler.count, lasted: world.now() };
  } finally {
    process.off('unhandledRejection', rejected);
  }
}

class Run {
  private readonly workloads: ReadonlyMap<WorkloadName, Workload<Operation>>;

  constructor(private readonly world: World) {
    const makers = { lock: LockWorkload, kv: KvWorkload, queue: QueueWorkload } as const;
    const names = new Set(world.plan.workers.map(({ workload }) => workload));
    this.workloads = new Map(
      [...names].map((name) => [name, new makers[name](world) as unknown as Workload<Operation>]),
    );
  }

  get counts(): Record<string, number> {
    const all = [...this.workloads].flatMap(([name, { counts }]) =>
      Object.entries(counts).map(([what, count]) => [`${name} ${what}`, count] as const),
    );
    return Object.fromEntries(all);
  }

  async toEnd(): Promise<void> {
    const { world } = this;
    const { quietAt } = world.plan;
    plantFaults(world);
    world.scheduler.after(quietAt, () => healAll(world));
    const work = this.work();
    if (!(await this.until('the workers have not ended', work, quietAt + workEnds))) return;
    if (world.now() < quietAt) await world.scheduler.run(() => this.isBad(), quietAt);
    if (!(await this.until('the members are not whole again', this.wholeness(), world.now() + recovered))) return;
    if (!(await this.until('operations do not succeed', this.finish(), world.now() + finished))) return;
    for (const workload of this.workloads.values()) workload.judge();
  }

  /** @returns whether it came about in time and nothing else went wrong */
  private async until(otherwise: string, work: Promise<unknown>, deadline: number): Promise<boolean> {
    let isDone = false;
    work.then(
      () => {
        isDone = true;
      },
      (error: unknown) => this.world.object(`all is well, and an operation failed: ${textOf(error)}`),
    );
    await this.world.scheduler.run(() => isDone || this.isBad(), deadline);
    if (!isDone && !this.isBad()) this.world.object(`${otherwise} by ${Math.round(deadline)} ms`);
    return !this.isBad();
  }

  private isBad(): boolean {
    for (const workload of this.workloads.values()) workload.watch?.();
    return this.world.violations.length > 0;
  }

  private async work(): Promise<void> {
    await Promise.all(this.world.plan.workers.map((worker) => this.workThrough(worker)));
  }

  private async workThrough({ client, workload, operations }: WorkerPlan): Promise<void> {
    const host = this.world.clients[client]!;
    for (const operation of operations) {
      const actor = await host.actor();
      const { process } = host;
      const died = new Promise<void>((resolve) => process?.onEnd(resolve));
      // the rest is done by the next process
      await Promise.race([this.workloads.get(workload)!.perform(actor, operation), died]);
    }
  }

  /** Every client sees every member vote. */
  private async wholeness(): Promise<void> {
    const actors = await this.actors();
    for (const actor of actors) {
      // a member that was flushed is found out only when it is asked
      while (!(await this.isWhole(actor))) await actor.sleep(50);
    }
  }

  private async isWhole({ redis }: Actor): Promise<boolean> {
    for (const partition of partitionsOf(this.world.plan)) {
      await redis.locks.inspect(nameIn(this.world.plan, partition, 'probe')).catch(() => undefined);
    }
    return redis.group.status().voting === this.world.plan.groupSize;
  }

  private async finish(): Promise<void> {
    const actors = await this.actors();
    for (const workload of this.workloads.values()) await workload.finish(actors);
    await Promise.all(actors.map(({ redis }) => redis.close()));
  }

  private actors(): Promise<Actor[]> {
    return Promise.all(this.world.clients.map((client) => client.actor()));
  }
}
