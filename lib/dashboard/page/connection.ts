import type { StreamMessages } from '../wire.js';
import { urlOf } from './api.js';

/** Who is told of what the stream says. */
export type StreamListener = {
  readonly [K in keyof StreamMessages]: (data: StreamMessages[K]) => void;
};

export type ConnectionState = 'connecting' | 'live' | 'lost';

const names = ['hello', 'status', 'event', 'locks', 'queues'] as const satisfies readonly (keyof StreamMessages)[];
/** ms until a broken stream is opened again. */
const retryDelay = 1500;

/** The stream of one group at a time. It comes back by itself, also after the application was started anew. */
export class Connection {
  private source: EventSource | undefined;
  private retry: number | undefined;
  private watchdog: number | undefined;
  private silenceMax = 10_000;

  constructor(
    private readonly listener: StreamListener,
    /** What is to be shown of locks and queues. */
    private readonly prefixes: () => { locks: string; queues: string },
    private readonly onState: (state: ConnectionState) => void,
  ) {}

  /** @param group undefined for the first one there is */
  open(group: string | undefined): void {
    this.close();
    const query = { ...this.prefixes(), ...(group === undefined ? {} : { group }) };
    const source = new EventSource(urlOf('stream', query));
    this.source = source;
    for (const name of names) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        this.onMessage(group);
        this.tell(name, JSON.parse(event.data) as never);
      });
    }
    // an answer that is no stream ends an EventSource for good, so every end is treated alike
    source.addEventListener('error', () => this.reopen(group));
  }

  private tell<K extends keyof StreamMessages>(name: K, data: StreamMessages[K]): void {
    if (name === 'hello') this.silenceMax = Math.max(5000, 5 * (data as StreamMessages['hello']).interval);
    this.listener[name](data);
  }

  private onMessage(group: string | undefined): void {
    this.onState('live');
    window.clearTimeout(this.watchdog);
    this.watchdog = window.setTimeout(() => this.reopen(group), this.silenceMax);
  }

  private reopen(group: string | undefined): void {
    this.close();
    this.onState('lost');
    this.retry = window.setTimeout(() => this.open(group), retryDelay);
  }

  private close(): void {
    this.source?.close();
    window.clearTimeout(this.retry);
    window.clearTimeout(this.watchdog);
  }
}
