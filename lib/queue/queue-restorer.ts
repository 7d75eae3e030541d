import type { Member } from '../member/member.js';
import type { Group } from '../quorum/group.js';
import type { Restorer, RestoreTask } from '../quorum/restorer.js';
import { loadVotingScript } from '../quorum/scripts.js';
import { putWindowUs } from './put-window.js';
import { queueKeys } from './queue-requests.js';

const exportScript = loadVotingScript(new URL('./lua/export.lua', import.meta.url));
const mergeScript = loadVotingScript(new URL('./lua/merge.lua', import.meta.url));

/** Messages that are copied at a time; some fewer when they are large. */
const pageMax = 100;
const idsMax = 1000;

/** What a source tells of a message: id, where, ms, lease, state, record; only the id when there is no more to tell. */
type Told = readonly string[];

/** Copies queues to a member that forgot: messages, leases, tombstones, floors. See docs/protocols/queue.md#rejoin. */
export class QueueRestorer implements Restorer {
  constructor(private readonly group: Group) {}

  async restore(task: RestoreTask): Promise<void> {
    const names = new Set<string>();
    for (const source of task.sources) {
      for (const name of (await this.export(task, source, '', 'names')) as string[]) names.add(name);
    }
    for (const name of names) await this.restoreQueue(task, name);
  }

  private async restoreQueue(task: RestoreTask, name: string): Promise<void> {
    // one for all sources: below it no put is decided any more without what is copied here
    const times = await Promise.all(task.sources.map((source) => this.export(task, source, name, 'time')));
    const putFloor = Math.max(0, Math.min(...times.map(Number)) - putWindowUs(this.group));
    const facts: string[][] = [];
    for (const source of task.sources) {
      facts.push((await this.export(task, source, name, 'facts', putFloor)) as string[]);
    }
    for (const source of task.sources) {
      await this.copyRecords(task, source, name);
      for await (const told of this.pages<Told>(task, source, name, 'states'))
        await this.mergeMessages(task, name, told);
      for await (const ids of this.pages<string>(task, source, name, 'tombstones')) {
        await this.merge(task, name, 'done', ...ids);
        task.onCopied(ids.length);
      }
    }
    await this.dropDone(task, name);
    const top = (at: number): number => Math.max(...facts.map((fact) => Number(fact[at])));
    // below a source's floor its silence means done, so this member's must not be lower
    await this.merge(task, name, 'facts', name, Math.max(putFloor, top(0)), Math.max(putFloor, top(1)), top(2));
  }

  private async copyRecords(task: RestoreTask, source: Member, name: string): Promise<void> {
    for (let cursor = '0'; ;) {
      const page = (await this.export(task, source, name, 'records', cursor, pageMax)) as [string, ...Told[]];
      const [next, ...told] = page;
      await this.mergeMessages(task, name, told);
      let large = told.filter(({ length }) => length === 1).map(([id]) => id!);
      while (large.length > 0) {
        const some = (await this.export(task, source, name, 'contents', ...large)) as Told[];
        await this.mergeMessages(task, name, some);
        large = large.slice(some.length);
      }
      if (next === '0') return;
      cursor = next;
    }
  }

  private async mergeMessages(task: RestoreTask, name: string, told: readonly Told[]): Promise<void> {
    const whole = told.filter(({ length }) => length > 1);
    for (let at = 0; at < whole.length; at += pageMax) {
      const some = whole.slice(at, at + pageMax);
      await this.merge(task, name, 'messages', ...argsOf(some));
      task.onCopied(some.length);
    }
  }

  private async *pages<T>(
    task: RestoreTask,
    source: Member,
    name: string,
    verb: 'states' | 'tombstones',
  ): AsyncGenerator<readonly T[]> {
    for (let from = '0'; from !== '';) {
      const [next, ...found] = (await this.export(task, source, name, verb, from, idsMax)) as [string, ...T[]];
      if (found.length > 0) yield found;
      from = next;
    }
  }

  /** What the member itself still holds may be done since, and its tombstone be gone. */
  private async dropDone(task: RestoreTask, name: string): Promise<void> {
    for (let cursor = '0'; ;) {
      const [next, ...ids] = (await this.merge(task, name, 'walk', cursor, idsMax)) as [string, ...string[]];
      for (const source of task.sources) {
        const done = ids.length === 0 ? [] : ((await this.export(task, source, name, 'done', ...ids)) as string[]);
        if (done.length > 0) await this.merge(task, name, 'done', ...done);
      }
      if (next === '0') return;
      cursor = next;
    }
  }

  private async export(
    { mayBeUnmarked }: RestoreTask,
    source: Member,
    name: string,
    verb: string,
    ...args: readonly (string | number)[]
  ): Promise<unknown> {
    const { keys } = this.group;
    const all = [mayBeUnmarked ? 'any' : 'marked', verb, ...args];
    const answer = await source.call(exportScript, [keys.marker, ...queueKeys(keys, name)], all);
    if (answer === 'REJOIN') throw new Error(`${source.name} forgot meanwhile`);
    return answer;
  }

  private async merge(
    { target, ticket }: RestoreTask,
    name: string,
    verb: string,
    ...args: readonly (string | number)[]
  ): Promise<unknown> {
    const { keys } = this.group;
    const all = [keys.marker, keys.ticket, ...queueKeys(keys, name)];
    const answer = await target.call(mergeScript, all, [ticket, verb, ...args]);
    if (answer === 'REFUSED') throw new Error(`the ticket for ${target.name} is lost`);
    return answer;
  }
}

/** As `merge.lua` takes them; without a record for those that a source has only the state of. */
function argsOf(told: readonly Told[]): string[] {
  return told.flatMap(([id = '', where = 'R', ms = '0', lease = '0', state = '', record = '']) => [
    id,
    where,
    ms,
    lease,
    state,
    record,
  ]);
}
