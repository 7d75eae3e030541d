import type { Clock } from '../runtime/clock.js';
import type { Subscription, Transport } from './transport.js';

/** ms between two attempts to subscribe. */
const retryDelay = 250;

/** One attempt to subscribe, and what came of it. */
interface Feed {
  ready: Promise<boolean>;
  subscription: Subscription | undefined;
}

/**
 * This client's wake-up channel on one member, on a connection of its own that is opened at first use. A message is
 * `<id> <text>` and goes to whoever listens for the id; one that nobody listens for is dropped, as a lost wake-up costs
 * latency only.
 */
export class Inbox {
  private feed: Feed | undefined;
  private readonly listeners = new Map<string, (text: string) => void>();
  private failedAt = -Infinity;
  private isClosed = false;

  constructor(
    readonly channel: string,
    private readonly transport: Transport,
    private readonly clock: Clock,
    private readonly timeout: number,
  ) {}

  /** Whether wake-ups arrive now. */
  get isOpen(): boolean {
    return this.feed?.subscription !== undefined;
  }

  /** Whether wake-ups arrive. Opens the subscription when there is none; false when that fails. */
  ready(): Promise<boolean> {
    if (this.feed) return this.feed.ready;
    if (this.isClosed || this.clock.now() - this.failedAt < retryDelay) return Promise.resolve(false);
    const feed: Feed = { ready: Promise.resolve(false), subscription: undefined };
    this.feed = feed;
    feed.ready = this.open(feed);
    return feed.ready;
  }

  listen(id: string, listener: (text: string) => void): void {
    this.listeners.set(id, listener);
  }

  unlisten(id: string): void {
    this.listeners.delete(id);
  }

  close(): void {
    this.isClosed = true;
    this.reset();
  }

  /** The member was found dead or hung: the subscription is opened anew when it is wanted again. */
  reset(): void {
    this.feed?.subscription?.close();
    this.feed = undefined;
  }

  private async open(feed: Feed): Promise<boolean> {
    const drop = (): void => {
      if (this.feed === feed) this.feed = undefined;
    };
    try {
      feed.subscription = await this.transport.subscribe(this.channel, this.timeout, this.onMessage, drop);
    } catch {
      // a lost wake-up costs latency, never progress: the waiter polls
      this.failedAt = this.clock.now();
      drop();
      return false;
    }
    if (this.feed === feed) return true;
    feed.subscription.close();
    return false;
  }

  private readonly onMessage = (message: string): void => {
    const space = message.indexOf(' ');
    this.listeners.get(message.slice(0, space))?.(message.slice(space + 1));
  };
}
