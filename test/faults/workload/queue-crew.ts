import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CuttableLink } from '../../support/cuttable-link.js';
import { readHistory, type QueueDeed } from '../history/queue-history.js';
import { brisk } from '../site/site-client.js';
import type { Site } from '../site/site.js';
import { QueueProcess } from './queue-process.js';
import type { QueueOrder } from './queue-program.js';

const hour = 3_600_000;
/** ms; each process compares members. */
const antiEntropyInterval = 1000;
/**
 * Who works, and by how much their clocks are wrong: nothing may depend on them. Those over links can be cut off; not
 * all, as all links run through the test's own process.
 */
const roles = [
  { role: 'producer', clockOffset: 0, isLinked: true },
  { role: 'producer', clockOffset: -7 * hour, isLinked: false },
  { role: 'consumer', clockOffset: 5 * hour, isLinked: true },
  { role: 'consumer', clockOffset: -3 * hour, isLinked: false },
  { role: 'consumer', clockOffset: 0, isLinked: false },
] as const;

/** Producer and consumer processes of one queue. One that was killed is replaced. */
export class QueueCrew implements AsyncDisposable {
  readonly queue = 'orders';
  private readonly files: string[] = [];
  private readonly processes: QueueProcess[] = [];
  /** Those that replace others, by the index of the place. */
  private readonly hiring = new Map<number, Promise<void>>();

  private constructor(
    private readonly folder: string,
    private readonly urls: readonly string[],
    /** None for those that are connected without. */
    private readonly links: readonly (readonly CuttableLink[] | undefined)[],
    private readonly seed: number,
  ) {}

  /** Starts all of them. */
  static async start(site: Site, seed: number): Promise<QueueCrew> {
    const folder = await mkdtemp(join(tmpdir(), 'majority-redis-history-'));
    const links = await Promise.all(roles.map(async ({ isLinked }) => (isLinked ? site.openLinks() : undefined)));
    const crew = new QueueCrew(folder, site.group.urls, links, seed);
    const started = await Promise.allSettled(roles.map((_, index) => crew.hire(index)));
    const failed = started.find((one) => one.status === 'rejected');
    if (failed) {
      await crew[Symbol.asyncDispose]();
      throw failed.reason;
    }
    return crew;
  }

  get all(): number[] {
    return roles.map((_, index) => index);
  }

  nameOf(index: number): string {
    return this.processes[index]!.order.name;
  }

  /** Those that can be cut off. */
  get linked(): number[] {
    return roles.flatMap(({ isLinked }, index) => (isLinked ? [index] : []));
  }

  linkOf(index: number, member: number): CuttableLink {
    return this.links[index]![member - 1]!;
  }

  process(index: number): QueueProcess {
    return this.processes[index]!;
  }

  /** SIGKILL, and soon another one in its place. */
  async replace(index: number): Promise<void> {
    await this.processes[index]!.kill();
    const earlier = this.hiring.get(index) ?? Promise.resolve();
    const hired = earlier.then(async () => {
      await this.processes[index]!.kill();
      await this.hire(index);
    });
    hired.catch(() => undefined);
    this.hiring.set(index, hired);
  }

  /** Lets all producers or all consumers end what they have begun. */
  async finish(role: QueueOrder['role']): Promise<void> {
    await Promise.all(this.hiring.values());
    await Promise.all(this.processes.filter(({ order }) => order.role === role).map((one) => one.finish()));
  }

  /** What all of them did so far, also those that were killed. */
  history(): QueueDeed[] {
    return readHistory(this.files);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.hiring.values());
    await Promise.all(this.processes.map((one) => one.kill()));
    await rm(this.folder, { recursive: true });
  }

  private async hire(index: number): Promise<void> {
    const { role, clockOffset } = roles[index]!;
    const number = this.files.length + 1;
    const name = `${role}-${number}`;
    const file = join(this.folder, name);
    this.files.push(file);
    const queueOptions = { ...brisk.queue, antiEntropyInterval };
    const options = {
      ...brisk,
      queue: queueOptions,
      nodes: this.links[index]?.map(({ url }) => url) ?? [...this.urls],
    };
    const order = { role, name, queue: this.queue, options, seed: this.seed + number, clockOffset, file };
    this.processes[index] = await QueueProcess.start(order);
  }
}
