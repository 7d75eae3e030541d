import { connect } from 'node:net';

type Reply = string | number | null | Error | Reply[];

/** An error that the server answered with, as against none or no answer. */
export class ReplyError extends Error {}

/**
 * Sends one command over a connection of its own and resolves with the reply: string, number, null or array of these.
 * Knows RESP2 text only, and no password.
 *
 * @param timeout ms for all of it
 * @throws ReplyError with the server's words; Error with the reason why there was no reply
 */
export function redisCommand(port: number, args: readonly string[], timeout = 5_000): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const timer = setTimeout(() => finish(new Error(`no reply from port ${port} in ${timeout} ms`)), timeout);
    let received = '';
    const finish = (reply: Reply): void => {
      clearTimeout(timer);
      socket.destroy();
      if (reply instanceof Error) reject(reply);
      else resolve(reply);
    };
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      received += chunk;
      const parsed = parseReply(received, 0);
      if (parsed !== undefined) finish(parsed.reply);
    });
    socket.on('error', finish);
    socket.on('close', () => finish(new Error(`port ${port} closed the connection`)));
    socket.write(encode(args));
  });
}

function encode(args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`;
}

/** Reads one reply at `start`; undefined while it is incomplete. */
function parseReply(text: string, start: number): { reply: Reply; end: number } | undefined {
  const lineEnd = text.indexOf('\r\n', start);
  if (lineEnd === -1) return undefined;
  const line = text.slice(start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (text[start]) {
    case '+':
      return { reply: line, end };
    case '-':
      return { reply: new ReplyError(line), end };
    case ':':
      return { reply: Number(line), end };
    case '$':
      return parseBulk(text, end, Number(line));
    case '*':
      return parseArray(text, end, Number(line));
    default:
      return { reply: new Error(`not a reply of a Redis server: ${text.slice(start, start + 40)}`), end };
  }
}

function parseBulk(text: string, start: number, bytes: number): { reply: Reply; end: number } | undefined {
  if (bytes < 0) return { reply: null, end: start };
  const rest = Buffer.from(text.slice(start));
  if (rest.length < bytes + 2) return undefined;
  const reply = rest.toString('utf8', 0, bytes);
  return { reply, end: start + reply.length + 2 };
}

function parseArray(text: string, start: number, length: number): { reply: Reply; end: number } | undefined {
  if (length < 0) return { reply: null, end: start };
  const reply: Reply[] = [];
  let end = start;
  while (reply.length < length) {
    const item = parseReply(text, end);
    if (item === undefined) return undefined;
    reply.push(item.reply);
    end = item.end;
  }
  return { reply, end };
}
