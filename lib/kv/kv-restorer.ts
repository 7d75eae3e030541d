import type { Member } from '../member/member.js';
import type { Group } from '../quorum/group.js';
import type { Restorer, RestoreTask } from '../quorum/restorer.js';
import { loadVotingScript } from '../quorum/scripts.js';
import type { RegisterKeys } from './register-keys.js';
import { ballotText, promiseSpans } from './register.js';

const script = (name: string) => loadVotingScript(new URL(`./lua/${name}.lua`, import.meta.url));
const fenceScript = script('fence');
const clearScript = script('clear');
const restoreScript = script('restore');

/** Registers that are copied at a time: with the largest values they are still few MiB. */
const pageMax = 100;

/** Copies registers to a member that forgot, and voids what was promised for them: see docs/protocols/kv.md#rejoin. */
export class KvRestorer implements Restorer {
  constructor(
    private readonly group: Group,
    private readonly keys: RegisterKeys,
  ) {}

  async restore(task: RestoreTask): Promise<void> {
    // after a majority restart each member is asked what it still knows, this one too
    if (!task.mayBeUnmarked) await this.clear(task);
    for (const source of task.sources) await this.copyFrom(source, task);
  }

  private async clear({ target, ticket }: RestoreTask): Promise<void> {
    const { keys } = this.group;
    for await (const names of this.pages(target)) {
      const records = names.map((name) => this.keys.record(name));
      const answer = await target.call(clearScript, [keys.marker, keys.ticket, this.keys.due, ...records], [ticket]);
      if (answer !== 'CLEARED') throw new Error(`the ticket for ${target.name} is lost`);
    }
  }

  private async copyFrom(source: Member, task: RestoreTask): Promise<void> {
    // the floor counts also when there is no register left
    await this.copyPage(source, [], task);
    for await (const names of this.pages(source)) await this.copyPage(source, names, task);
  }

  private async copyPage(source: Member, names: readonly string[], task: RestoreTask): Promise<void> {
    const { target, ticket, mayBeUnmarked, onCopied } = task;
    const { keys, hybridClock } = this.group;
    const records = names.map((name) => this.keys.record(name));
    const fence = ballotText(hybridClock.next());
    const known = await source.call(
      fenceScript,
      [keys.marker, this.keys.floor, ...records],
      [mayBeUnmarked ? 'any' : 'marked', fence],
    );
    if (!Array.isArray(known)) throw new Error(`${source.name} forgot meanwhile`);
    const answer = await target.call(
      restoreScript,
      [keys.marker, keys.ticket, this.keys.due, this.keys.floor, ...records],
      [ticket, promiseSpans * this.group.maxOperationTime, ...(known as string[])],
    );
    if (answer !== 'RESTORED') throw new Error(`the ticket for ${target.name} is lost`);
    if (names.length > 0) onCopied(names.length);
  }

  private async *pages(member: Member): AsyncGenerator<readonly string[]> {
    const { transport } = member;
    const prefix = transport.mapKey(this.keys.record(''));
    for await (const page of member.scan(transport.mapKey(this.keys.pattern))) {
      for (let start = 0; start < page.length; start += pageMax) {
        yield page.slice(start, start + pageMax).map((key) => key.slice(prefix.length));
      }
    }
  }
}
