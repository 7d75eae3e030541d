/**
 * All keys and channels of one group. A user's key only ever follows the name of its kind, so it cannot reach another
 * kind or the group's own keys.
 */
export class GroupKeys {
  /** `run_id` of the life in which the member may vote. */
  readonly marker: string;
  /** Client that brings the member back. */
  readonly ticket: string;
  readonly scratch: string;

  constructor(private readonly prefix: string) {
    this.marker = `${prefix}:member`;
    this.ticket = `${prefix}:rejoin`;
    this.scratch = `${prefix}:preflight`;
  }

  /** @param kind a protocol's own word, never a user's */
  of(kind: string, key: string): string {
    return `${this.prefix}:${kind}:${key}`;
  }

  inbox(clientId: string): string {
    return `${this.prefix}:inbox:${clientId}`;
  }

  /** Glob pattern of all keys of one kind, or of all. */
  pattern(kind?: string): string {
    return kind === undefined ? `${this.prefix}:*` : `${this.prefix}:${kind}:*`;
  }

  /** Keys that the group itself needs and that are no records. */
  get own(): readonly string[] {
    return [this.marker, this.ticket, this.scratch];
  }
}
