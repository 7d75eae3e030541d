import type { Script } from '../../lib/member/script.js';
import type { Argument, Connection, ServerFacts, Subscription, Transport } from '../../lib/member/transport.js';

/** One script call that a test answers by hand. */
export interface FakeCall {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
  reply(value: unknown): void;
  fail(message: string): void;
}

/** A connection whose calls stay out until the test answers them. As with a real one, closing it rejects them. */
export class FakeConnection implements Connection {
  readonly facts: ServerFacts;
  readonly calls: FakeCall[] = [];
  isClosed = false;
  /** What `scan()` finds, page by page. */
  pages: readonly (readonly string[])[] = [];

  constructor(incarnation = 'run-1') {
    this.facts = { incarnation };
  }

  get lastCall(): FakeCall {
    const call = this.calls.at(-1);
    if (!call) throw new Error('nothing was sent through this connection');
    return call;
  }

  evaluate(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.calls.push({ script, keys, args, reply: resolve, fail: (message) => reject(new Error(message)) });
    });
  }

  async *scan(): AsyncGenerator<readonly string[]> {
    yield* this.pages;
  }

  close(): void {
    this.isClosed = true;
    for (const call of this.calls) call.fail('Connection is closed.');
  }
}

/** One attempt to connect or to subscribe that the test lets succeed or fail. */
export interface FakeAttempt<T> {
  readonly timeout: number;
  succeed(value: T): void;
  fail(message: string): void;
  /** The server or the network ends what this attempt opened. */
  end(reason: string): void;
}

/** A subscription, with what it was made for. */
export interface FakeSubscriptionAttempt extends FakeAttempt<FakeSubscription> {
  readonly channel: string;
  publish(message: string): void;
}

export class FakeSubscription implements Subscription {
  isClosed = false;

  close(): void {
    this.isClosed = true;
  }
}

/** A member's network as the test wants it: every attempt is noted and stays open until the test decides it. */
export class FakeTransport implements Transport {
  readonly address = 'fake:6379';
  readonly attempts: FakeAttempt<FakeConnection>[] = [];
  readonly subscriptions: FakeSubscriptionAttempt[] = [];

  mapKey(key: string): string {
    return `mapped:${key}`;
  }

  connect(timeout: number, onClosed: (reason: string) => void): Promise<Connection> {
    return new Promise((resolve, reject) => {
      this.attempts.push({
        timeout,
        succeed: resolve,
        fail: (message) => reject(new Error(message)),
        end: onClosed,
      });
    });
  }

  subscribe(
    channel: string,
    timeout: number,
    onMessage: (message: string) => void,
    onClosed: (reason: string) => void,
  ): Promise<Subscription> {
    return new Promise((resolve, reject) => {
      this.subscriptions.push({
        channel,
        timeout,
        publish: onMessage,
        succeed: resolve,
        fail: (message) => reject(new Error(message)),
        end: onClosed,
      });
    });
  }
}
