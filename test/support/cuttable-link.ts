import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { OneWayPipe } from './one-way-pipe.js';

/** `requests`: from client to server. `replies`: from server to client. */
export type Direction = 'requests' | 'replies' | 'both';

interface Connection {
  client: Socket;
  server: Socket;
  requests: OneWayPipe;
  replies: OneWayPipe;
}

/**
 * The network between clients and one server, as a TCP proxy that can be cut, slowed and silenced.
 *
 * @example
 * await using link = await CuttableLink.to(group.members[0].port);
 * connectMajorityRedis({ nodes: [link.url, …] });
 * link.silence('replies'); // the server executes everything and nobody hears of it
 */
export class CuttableLink implements AsyncDisposable {
  private readonly connections = new Set<Connection>();
  private readonly silenced = { requests: false, replies: false };
  private delay = 0;
  private isCut = false;
  private awaited: { readonly text: string; readonly onSeen: () => void } | undefined;

  private constructor(
    private readonly targetPort: number,
    private readonly listener: Server,
  ) {
    listener.on('connection', (client) => this.open(client));
  }

  /** Opens a link to a server on this machine. */
  static async to(targetPort: number): Promise<CuttableLink> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new CuttableLink(targetPort, listener);
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Connections open at this moment. */
  get connectionCount(): number {
    return this.connections.size;
  }

  /** Resets all connections, throws away what is on its way, and resets each new one, until `restore()`. */
  cut(): void {
    this.isCut = true;
    this.resetAll();
  }

  /** Resets all connections once; new ones work. */
  resetAll(): void {
    for (const connection of this.connections) this.drop(connection);
  }

  /**
   * Nothing passes and nobody is told, as when packets get lost: connections stay open. What was sent meanwhile
   * arrives after `restore()`, as TCP sends it again; `cut()` before that throws it away.
   */
  silence(direction: Direction = 'both'): void {
    this.setSilence(direction, true);
  }

  /** As `silence('requests')`, from the first request on that contains this text; resolves then. */
  silenceFrom(text: string): Promise<void> {
    return new Promise((onSeen) => {
      this.awaited = { text, onSeen };
    });
  }

  /** Each byte takes `delay` ms longer, both ways. */
  slowDown(delay: number): void {
    this.delay = delay;
    for (const { requests, replies } of this.connections) {
      requests.setDelay(delay);
      replies.setDelay(delay);
    }
  }

  /** As new: neither cut nor silent nor slow. */
  restore(): void {
    this.isCut = false;
    this.slowDown(0);
    this.setSilence('both', false);
  }

  /** Closes it for good. */
  async close(): Promise<void> {
    this.cut();
    if (!this.listener.listening) return;
    this.listener.close();
    await once(this.listener, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private readonly look = (data: Buffer): void => {
    if (!this.awaited || !data.includes(this.awaited.text)) return;
    this.silence('requests');
    this.awaited.onSeen();
    this.awaited = undefined;
  };

  private setSilence(direction: Direction, isSilent: boolean): void {
    if (direction !== 'replies') this.silenced.requests = isSilent;
    if (direction !== 'requests') this.silenced.replies = isSilent;
    for (const { requests, replies } of this.connections) {
      requests.setHeld(this.silenced.requests);
      replies.setHeld(this.silenced.replies);
    }
  }

  private open(client: Socket): void {
    client.on('error', ignore);
    if (this.isCut) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: this.targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    server.on('error', ignore);
    const connection = {
      client,
      server,
      requests: new OneWayPipe(client, server, this.delay, this.silenced.requests, this.look),
      replies: new OneWayPipe(server, client, this.delay, this.silenced.replies),
    };
    this.connections.add(connection);
    const forget = (): void => {
      if (client.destroyed && server.destroyed) this.connections.delete(connection);
    };
    client.once('close', forget);
    server.once('close', forget);
  }

  private drop(connection: Connection): void {
    this.connections.delete(connection);
    connection.requests.destroy();
    connection.replies.destroy();
    connection.client.resetAndDestroy();
    connection.server.resetAndDestroy();
  }
}

// a reset is what this class is for; `close` follows and is heeded
function ignore(): void {}
