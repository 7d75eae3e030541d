import type { Request, Response } from '../members/protocol.js';
import type { MemberHost } from '../members/member-host.js';
import type { Link } from '../network/link.js';
import { Wire } from '../network/wire.js';
import type { Bytes } from '../redis/bytes.js';
import type { Reply } from '../redis/reply.js';
import type { Chance } from '../time/chance.js';
import type { Scheduler } from '../time/scheduler.js';
import type { ClientProcess } from './client-process.js';

/** Where a channel leads. */
export interface Route {
  readonly scheduler: Scheduler;
  readonly process: ClientProcess;
  readonly member: MemberHost;
  readonly link: Link;
  readonly chance: Chance;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** A client's end of one connection: commands go out in order, and so do the replies come in. */
export class Channel {
  private readonly wire: Wire<Request, Response>;
  private readonly waiting: Waiting[] = [];
  private state: 'opening' | 'open' | 'closed' = 'opening';
  private readonly opening: Promise<void>;
  private opened!: Pick<Waiting, 'reject'> & { resolve(): void };
  private subscribed: (() => void) | undefined;
  private readonly onProcessEnd = (): void => this.wire.closeByClient();

  constructor(
    private readonly route: Route,
    private readonly onClosed: (reason: string) => void,
    private readonly onPublished: (message: Bytes) => void = () => undefined,
  ) {
    const { scheduler, process, member, link, chance } = route;
    this.opening = new Promise((resolve, reject) => {
      this.opened = { resolve, reject };
    });
    this.wire = new Wire(
      scheduler,
      link,
      chance,
      member.endOf(() => this.wire),
      {
        onMessage: (message) => process.receive(() => this.onMessage(message)),
        onEnd: (reason) => process.receive(() => this.end(reason)),
      },
    );
    process.onEnd(this.onProcessEnd);
    this.wire.sendThere({ kind: 'open' });
  }

  /** Resolves once the member's machine has taken the connection. */
  get isOpened(): Promise<void> {
    return this.opening;
  }

  send(words: readonly Bytes[]): Promise<Reply> {
    if (this.state === 'closed') return Promise.reject(new Error('Connection is closed.'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.wire.sendThere({ kind: 'command', words });
    });
  }

  subscribe(channel: Bytes): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve: () => undefined, reject });
      this.subscribed = resolve;
      this.wire.sendThere({ kind: 'subscribe', channel });
    });
  }

  close(): void {
    if (this.state === 'closed') return;
    this.wire.closeByClient();
    this.end('connection closed');
  }

  private onMessage(message: Response): void {
    if (this.state === 'closed') return;
    switch (message.kind) {
      case 'opened':
        this.state = 'open';
        return this.opened.resolve();
      case 'reply':
        return this.waiting.shift()?.resolve(message.reply);
      case 'subscribed':
        this.waiting.shift();
        return this.subscribed?.();
      case 'published':
        return this.onPublished(message.message);
    }
  }

  private end(reason: string): void {
    if (this.state === 'closed') return;
    const wasOpen = this.state === 'open';
    this.state = 'closed';
    this.route.process.offEnd(this.onProcessEnd);
    this.opened.reject(new Error(reason));
    for (const { reject } of this.waiting.splice(0)) reject(new Error('Connection is closed.'));
    // never in the middle of the caller's own code
    if (wasOpen) this.route.process.afterTurn(() => this.onClosed(reason));
  }
}
