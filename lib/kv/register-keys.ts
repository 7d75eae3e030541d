import type { GroupKeys } from '../quorum/group-keys.js';

/** The keys of one space of registers: `kv` is the users', other protocols have spaces of their own. */
export class RegisterKeys {
  /** Registers that somebody must look at. */
  readonly due: string;
  readonly floor: string;
  /** There while anybody listens for changes of any register. */
  readonly listened: string;
  /** Who looks at them. */
  readonly sweeper: string;
  readonly pattern: string;

  constructor(
    private readonly keys: GroupKeys,
    private readonly space: string,
  ) {
    this.due = keys.of(`${space}-due`, '');
    this.floor = keys.of(`${space}-floor`, '');
    this.listened = keys.of(`${space}-listened`, '');
    this.sweeper = keys.of(`${space}-sweeper`, '');
    this.pattern = keys.pattern(space);
  }

  record(key: string): string {
    return this.keys.of(this.space, key);
  }

  listeners(key: string): string {
    return this.keys.of(`${this.space}-listeners`, key);
  }
}
