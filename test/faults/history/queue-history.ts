import { openSync, readFileSync, writeSync } from 'node:fs';

/** What one process did with a queue, and when: ms of the machine's monotonic clock, the same for all processes. */
export type QueueDeed = { readonly at: number } & (
  | {
      /** A put is about to be asked for. */
      readonly kind: 'put';
      /** Unique; also the message's body. */
      readonly put: string;
      /** The caller's id, or the put itself when it has none: what is to be acknowledged once. */
      readonly key: string;
      readonly group?: string;
      /** Whether it has an id, a priority, a delay or others in the same call: then it has no place in its group's order. */
      readonly isOrdered: boolean;
      /** Before which it must not be delivered. */
      readonly dueAt?: number;
      /** Whether it may be delivered once only. */
      readonly isOnce?: boolean;
    }
  | { readonly kind: 'stored'; readonly put: string; readonly isDuplicate: boolean }
  | {
      /** A message came, and said after this moment that it is held. */
      readonly kind: 'delivery';
      /** Unique. */
      readonly delivery: string;
      readonly key: string;
      readonly token: number;
      readonly group?: string;
    }
  /** It said after this moment that it is held. */
  | { readonly kind: 'held'; readonly delivery: string }
  /** A settlement is about to be asked for. */
  | { readonly kind: 'ack' | 'reject'; readonly delivery: string }
  | { readonly kind: 'acked'; readonly delivery: string }
  /** It goes back, and the attempt does not count. */
  | { readonly kind: 'given back'; readonly delivery: string }
  /** Dead letters are about to be put back: their attempts begin anew. */
  | { readonly kind: 'redrive' }
  /** It was given back for its next attempt, not before that moment. */
  | { readonly kind: 'nacked'; readonly delivery: string; readonly dueAt: number }
  /** Something that must not happen. */
  | { readonly kind: 'fault'; readonly what: string }
);

/** Writes the deeds of one process to a file, each before the next thing is done, so that they outlive a SIGKILL. */
export class QueueHistory {
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  add(deed: QueueDeed): void {
    writeSync(this.file, `${JSON.stringify(deed)}\n`);
  }
}

/** The deeds of all processes in their order. A line that a SIGKILL cut off tells of nothing that was done. */
export function readHistory(paths: readonly string[]): QueueDeed[] {
  const deeds: QueueDeed[] = [];
  for (const path of paths) {
    const lines = readFileSync(path, 'utf8').split('\n');
    for (const line of lines.slice(0, -1)) deeds.push(JSON.parse(line) as QueueDeed);
  }
  return deeds.sort((a, b) => a.at - b.at);
}
