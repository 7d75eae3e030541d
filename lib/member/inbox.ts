import type { Clock } from '../runtime/clock.js';
import type { Subscription, Transport } from './transport.js';

/** ms between two attempts to subscribe. */
const retryDelay = 250;

type Feed =
  | { readonly kind: 'idle' }
  | { readonly kind: 'opening'; readonly ready: Promise<boolean> }
  | { readonly kind: 'open'; readonly subscription: Subscription };

/**
 * This client's wake-up channel on one member, on a connection of its own that is opened at first use. A message is
 * `<id> <text>` and goes to whoever listens for the id; one that nobody listens for is dropped, as a lost wake-up costs
 * latency only.
 */
export class Inbox {
  private feed: Feed = { kind: 'idle' };
  private readonly listeners = new Map<string, (text: string) => void>();
  private failedAt = -Infinity;
  private isClosed = false;

  constructor(
    readonly channel: string,
    private readonly transport: Transport,
    private readonly clock: Clock,
    private readonly timeout: number,
  ) {}

  /** Whether wake-ups arrive. Opens the subscription when there is none; false when that fails. */
  ready(): Promise<boolean> {
    if (this.feed.kind === 'open') return Promise.resolve(true);
    if (this.feed.kind === 'opening') return this.feed.ready;
    if (this.isClosed || this.clock.now() - this.failedAt < retryDelay) return Promise.resolve(false);
    const ready = this.open();
    this.feed = { kind: 'opening', ready };
    return ready;
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
    if (this.feed.kind === 'open') this.feed.subscription.close();
    this.feed = { kind: 'idle' };
  }

  private async open(): Promise<boolean> {
    try {
      const subscription = await this.transport.subscribe(this.channel, this.timeout, this.onMessage, () => this.reset());
      if (this.isClosed) {
        subscription.close();
        return false;
      }
      this.feed = { kind: 'open', subscription };
      return true;
    } catch {
      // a lost wake-up costs latency, never progress: the waiter polls
      this.failedAt = this.clock.now();
      this.feed = { kind: 'idle' };
      return false;
    }
  }

  private readonly onMessage = (message: string): void => {
    const space = message.indexOf(' ');
    this.listeners.get(message.slice(0, space))?.(message.slice(space + 1));
  };
}
