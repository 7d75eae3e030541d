import type { Member } from '../member/member.js';
import type { GroupKeys } from '../quorum/group-keys.js';
import type { Restorer, RestoreTask } from '../quorum/restorer.js';
import { loadVotingScript } from '../quorum/scripts.js';
import { exportLocks, exportMax } from './export-locks.js';

const restoreScript = loadVotingScript(new URL('./lua/restore.lua', import.meta.url));

/** Copies lock records to a member that forgot: leases, reader sets, tokens. Lines of waiters are not copied. */
export class LockRestorer implements Restorer {
  constructor(
    private readonly keys: GroupKeys,
    private readonly fenceRetention: number,
  ) {}

  async restore(task: RestoreTask): Promise<void> {
    for (const source of task.sources) await this.copyFrom(source, task);
  }

  private async copyFrom(source: Member, task: RestoreTask): Promise<void> {
    const prefix = source.transport.mapKey(this.keys.of('lock', ''));
    for await (const page of source.scan(source.transport.mapKey(this.keys.pattern('lock')))) {
      for (let start = 0; start < page.length; start += exportMax) {
        const names = page.slice(start, start + exportMax).map((key) => key.slice(prefix.length));
        await this.copyPage(source, names, task);
      }
    }
  }

  private async copyPage(source: Member, names: readonly string[], task: RestoreTask): Promise<void> {
    const { target, ticket, leaseMax, mayBeUnmarked, onCopied } = task;
    const records = names.map((name) => this.keys.of('lock', name));
    const readers = names.map((name) => this.keys.of('readers', name));
    const known = await exportLocks(source, this.keys, names, mayBeUnmarked ? 'any' : 'marked', leaseMax);
    const answers = await Promise.all(
      known.map((record, i) =>
        target.call(
          restoreScript,
          [this.keys.marker, this.keys.ticket, records[i]!, readers[i]!],
          [ticket, this.fenceRetention, ...record],
        ),
      ),
    );
    if (answers.includes('REFUSED')) throw new Error(`the ticket for ${target.name} is lost`);
    onCopied(names.length);
  }
}
