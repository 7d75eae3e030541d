import type { Timer } from '../runtime/clock.js';
import type { Member } from '../member/member.js';
import { loadVotingScript } from '../quorum/scripts.js';
import { Change, type ChangeContext } from './change.js';
import { readRegister } from './read.js';
import type { Accepted } from './register.js';

const dueScript = loadVotingScript(new URL('./lua/due.lua', import.meta.url));

/** Registers that are looked at in one sweep of one member. */
const namesMax = 500;
/** How many of them at once. */
const concurrency = 16;

/**
 * Ends expired values that nobody reads, and removes tombstones that all members hold. One client at a time does it for
 * a member; when it dies another takes over.
 *
 * @see docs/protocols/kv.md#removal
 */
export class Sweeper {
  private timer: Timer | undefined;
  private isClosed = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: ChangeContext,
    /** ms */
    private readonly interval: number,
  ) {}

  start(): void {
    const { clock, random } = this.context.requests.group;
    this.timer = clock.schedule(this.interval * (0.75 + random.fraction() / 2), () => {
      this.running = this.sweep().finally(() => {
        if (!this.isClosed) this.start();
      });
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.timer?.cancel();
    await this.running;
  }

  private async sweep(): Promise<void> {
    const seen = new Set<string>();
    for (const member of this.context.requests.group.members) {
      if (member.state !== 'voting') continue;
      const names = (await this.dueAt(member)).filter((name) => !seen.has(name));
      for (const name of names) seen.add(name);
      while (names.length > 0 && !this.isClosed) {
        await Promise.all(names.splice(0, concurrency).map((name) => this.lookAt(name)));
      }
    }
  }

  private async dueAt(member: Member): Promise<string[]> {
    const { group, keys } = this.context.requests;
    const prefix = member.transport.mapKey(keys.record(''));
    const wanted = [group.keys.marker, keys.due, keys.sweeper];
    try {
      const names = await member.call(dueScript, wanted, [group.clientId, 2 * this.interval, namesMax]);
      return (names as string[]).map((name) => name.slice(prefix.length));
    } catch {
      // it does not answer: the next sweep asks again
      return [];
    }
  }

  private async lookAt(key: string): Promise<void> {
    const { group } = this.context.requests;
    try {
      // an expired value ends by being read
      const found = await readRegister(this.context, key);
      if (!this.isRemovable(found) || group.votingCount < group.groupSize) return;
      if (!(await this.isSaidByAll(key, found.ballot, '?'))) await this.renew(key);
      else await this.isSaidByAll(key, found.ballot, '!');
    } catch {
      // no quorum, or writers are at it: it stays due
    }
  }

  private isRemovable({ ballot, value, due }: Accepted): boolean {
    return ballot > 0 && !value && due <= this.context.requests.group.clock.wallUs() / 1000;
  }

  /** Members hold different ones, or promised something above it since: the next sweep removes what is written now. */
  private async renew(key: string): Promise<void> {
    await new Change(this.context, key, (found) => ({
      result: undefined,
      write: this.isRemovable(found) ? { value: undefined, due: found.due, token: found.token } : undefined,
    })).run();
  }

  private async isSaidByAll(key: string, ballot: number, act: '?' | '!'): Promise<boolean> {
    const { requests } = this.context;
    const fanOut = requests.forget(key, ballot, act);
    await fanOut.complete;
    const accepted = fanOut.answers.filter((answer) => answer?.kind === 'reply' && answer.reply === 'A');
    return accepted.length === requests.group.groupSize;
  }
}
