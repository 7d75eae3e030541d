import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CuttableLink } from './cuttable-link.js';
import { eventually } from './eventually.js';

/** Answers every chunk with the same in upper case, and remembers what it got. */
class ShoutingServer {
  heard = '';
  closed = 0;
  readonly listener: Server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.heard += text;
      socket.write(text.toUpperCase());
    });
    socket.on('error', () => {}).on('close', () => this.closed++);
  }).listen(0, '127.0.0.1');

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }
}

class Caller {
  heard = '';
  isClosed = false;
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' }).setEncoding('utf8');
    this.socket.on('data', (text) => (this.heard += text));
    this.socket.on('error', () => {}).on('close', () => (this.isClosed = true));
  }

  say(text: string): void {
    this.socket.write(text);
  }
}

describe('CuttableLink', () => {
  let server: ShoutingServer;
  let link: CuttableLink;
  let caller: Caller;

  beforeEach(async () => {
    server = new ShoutingServer();
    await once(server.listener, 'listening');
    link = await CuttableLink.to(server.port);
    caller = new Caller(link.port);
    caller.say('hello ');
    await eventually(() => caller.heard === 'HELLO ');
  });

  afterEach(async () => {
    caller.socket.destroy();
    await link.close();
    server.listener.close();
  });

  it('cuts open connections and new ones until it is restored', async () => {
    link.cut();
    await eventually(() => caller.isClosed && server.closed === 1);
    const second = new Caller(link.port);
    await eventually(() => second.isClosed);

    link.restore();
    const third = new Caller(link.port);
    third.say('again');
    await eventually(() => third.heard === 'AGAIN');
    third.socket.destroy();
  });

  it('resets connections once and takes new ones', async () => {
    link.resetAll();
    await eventually(() => caller.isClosed);
    const second = new Caller(link.port);
    second.say('new');
    await eventually(() => second.heard === 'NEW');
    second.socket.destroy();
  });

  it('lets requests through and keeps the replies back when replies are silenced', async () => {
    link.silence('replies');
    caller.say('one ');
    await eventually(() => server.heard === 'hello one ');
    expect(caller.heard).toBe('HELLO ');

    link.restore();
    await eventually(() => caller.heard === 'HELLO ONE ');
  });

  it('throws away held replies when it is cut', async () => {
    link.silence('replies');
    caller.say('lost ');
    await eventually(() => server.heard === 'hello lost ');
    link.cut();
    await eventually(() => caller.isClosed);
    expect(caller.heard).toBe('HELLO ');
  });

  it('delivers what a client sent before it gave up, after the link is restored', async () => {
    link.silence('requests');
    caller.say('late ');
    caller.socket.end();
    await eventually(() => caller.socket.writableFinished);
    expect(server.heard).toBe('hello ');
    expect(server.closed).toBe(0);

    link.restore();
    await eventually(() => server.heard === 'hello late ' && server.closed === 1);
  });

  it('holds connections open that are made while it is silent', async () => {
    link.silence();
    const second = new Caller(link.port);
    second.say('quiet');
    await eventually(() => link.connectionCount === 2);
    expect(server.heard).toBe('hello ');

    link.restore();
    await eventually(() => second.heard === 'QUIET');
    second.socket.destroy();
  });

  it('delays bytes both ways and keeps their order', async () => {
    link.slowDown(40);
    const start = performance.now();
    caller.say('a');
    caller.say('b');
    await eventually(() => caller.heard === 'HELLO AB');
    expect(performance.now() - start).toBeGreaterThanOrEqual(79);
  });

  it('forgets connections that both sides have closed', async () => {
    caller.socket.end();
    await eventually(() => link.connectionCount === 0);
  });
});
