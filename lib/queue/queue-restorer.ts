import type { Member } from '../member/member.js';
import type { Group } from '../quorum/group.js';
import type { Restorer, RestoreTask } from '../quorum/restorer.js';
import { loadVotingScript } from '../quorum/scripts.js';
import { queueKeys } from './queue-requests.js';

const exportScript = loadVotingScript(new URL('./lua/export.lua', import.meta.url));
const mergeScript = loadVotingScript(new URL('./lua/merge.lua', import.meta.url));

/** Messages that are copied at a time: with the largest bodies they are still some MiB. */
const pageMax = 100;
const idsMax = 1000;
/** `maxOperationTime`s that lie between a floor and now. */
const windowSpans = 3;

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
    const window = windowSpans * this.group.maxOperationTime * 1000;
    const putFloor = Math.max(0, Math.min(...times.map(Number)) - window);
    const facts: string[][] = [];
    for (const source of task.sources) {
      facts.push((await this.export(task, source, name, 'facts', putFloor)) as string[]);
    }
    for (const source of task.sources) {
      await this.copyPages(task, source, name, 'records');
      await this.copyPages(task, source, name, 'states');
      await this.copyTombstones(task, source, name);
    }
    await this.dropDone(task, name);
    const top = (at: number): number => Math.max(...facts.map((fact) => Number(fact[at])));
    // below a source's floor its silence means done, so this member's must not be lower
    await this.merge(task, name, 'facts', name, Math.max(putFloor, top(0)), Math.max(putFloor, top(1)), top(2));
  }

  private async copyPages(task: RestoreTask, source: Member, name: string, verb: 'records' | 'states'): Promise<void> {
    for (let cursor = '0'; ;) {
      const page = (await this.export(task, source, name, verb, cursor, pageMax)) as [string, ...string[][]];
      const [next, ...messages] = page;
      for (let at = 0; at < messages.length; at += pageMax) {
        const some = messages.slice(at, at + pageMax) as string[][];
        await this.merge(task, name, verb, ...some.flat());
        task.onCopied(some.length);
      }
      if (next === '0') return;
      cursor = next;
    }
  }

  private async copyTombstones(task: RestoreTask, source: Member, name: string): Promise<void> {
    for (let from = '0'; from !== '';) {
      const [next, ...ids] = (await this.export(task, source, name, 'tombstones', from, idsMax)) as [
        string,
        ...string[],
      ];
      if (ids.length > 0) await this.merge(task, name, 'done', ...ids);
      task.onCopied(ids.length);
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
