import { contendersFor, type Purpose } from '../contenders.js';
import { loadTesting } from '../library.js';
import { WorkerProcess } from '../worker/worker-process.js';

const { startLocalGroup } = await loadTesting();
export type Persistence = 'none' | 'everysec';
export type LocalGroup = Awaited<ReturnType<typeof startLocalGroup>>;

/** Members of a group where a row does not say otherwise. */
export const GROUP_SIZE = 5;

/** What a row was asked for, and where it starts servers and contenders. */
export class RowContext {
  /** Versions of the contenders and the server that took part. */
  readonly versions: Record<string, string> = {};
  private problems: string[] = [];
  private leftOut: string[] = [];

  constructor(
    private readonly chosen: readonly string[],
    private readonly asked: {
      readonly seconds?: number;
      readonly rounds?: number;
      readonly concurrency?: readonly number[];
      readonly sizes?: readonly number[];
      readonly count?: number;
      readonly patienceMs?: number;
    },
  ) {}

  /** Those that were chosen, of all that can be connected so. */
  contenders(purpose: Purpose): readonly string[] {
    return contendersFor(purpose).filter((name) => this.chosen.includes(name));
  }

  /** `--seconds`, or the row's own default. */
  seconds(otherwise: number): number {
    return this.asked.seconds ?? otherwise;
  }

  /** `--rounds`, or the row's own default. */
  rounds(otherwise: number): number {
    return this.asked.rounds ?? otherwise;
  }

  /** `--concurrency`, or the row's own default. */
  concurrency(otherwise: readonly number[]): readonly number[] {
    return this.asked.concurrency ?? otherwise;
  }

  /** `--sizes`, or the row's own default; the smallest first. */
  sizes(otherwise: readonly number[]): readonly number[] {
    return [...(this.asked.sizes ?? otherwise)].sort((a, b) => a - b);
  }

  /** `--count`, or the row's own default. */
  count(otherwise: number): number {
    return this.asked.count ?? otherwise;
  }

  /** How long to wait for what may never come, ms: the row's own, unless it is only checked. */
  patienceMs(otherwise: number): number {
    return this.asked.patienceMs ?? otherwise;
  }

  async startGroup(size = GROUP_SIZE, persistence: Persistence = 'none'): Promise<LocalGroup> {
    const group = await startLocalGroup({ size, persistence });
    const info = String(await group.members[0]?.command('INFO', 'server'));
    this.versions['server'] = /^(?:valkey|redis)_version:\S+/m.exec(info)?.[0].replace('_version:', ' ') ?? 'unknown';
    return group;
  }

  /**
   * @param label what the row calls it
   * @returns undefined when it could not start; that is noted as a problem of the row
   */
  async startContender(
    purpose: Purpose,
    name: string,
    group: LocalGroup,
    label = name,
  ): Promise<WorkerProcess | undefined> {
    const contender = await this.attempt(label, 'could not start', () =>
      WorkerProcess.start(purpose, name, group.urls, label),
    );
    if (contender) this.versions[name] = contender.versions;
    return contender;
  }

  /**
   * Each in a process of its own, ended together.
   *
   * @param names of contenders; one that stands there several times has as many processes
   * @param label what the row calls them; default: by their names
   * @returns those that could start
   */
  async startContenders(
    purpose: Purpose,
    names: readonly string[],
    group: LocalGroup,
    label?: string,
  ): Promise<Contenders> {
    const started = await Promise.all(names.map((name) => this.startContender(purpose, name, group, label)));
    const contenders = new Contenders();
    contenders.processes.push(...started.filter((contender) => contender !== undefined));
    return contenders;
  }

  /** Runs something of one contender; its failure is a problem of the row, not the end of it. */
  async attempt<T>(name: string, failure: string, run: () => Promise<T>): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      this.problem(`${name} ${failure}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  problem(text: string): void {
    this.problems.push(text);
  }

  /** A contender that cannot do what the row is about. */
  leaveOut(name: string, why: string): void {
    this.leftOut.push(`${name} is left out: ${why}`);
  }

  /** What went wrong since the last call. */
  takeProblems(): string[] {
    return this.problems.splice(0);
  }

  /** Who was left out since the last call. */
  takeLeftOut(): string[] {
    return this.leftOut.splice(0);
  }

  /** Says what is being done, on stderr. */
  progress(text: string): void {
    process.stderr.write(`${text}\n`);
  }
}

/** Processes of contenders that end with the row. */
class Contenders implements AsyncDisposable {
  readonly processes: WorkerProcess[] = [];

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map((contender) => contender[Symbol.asyncDispose]()));
  }
}
