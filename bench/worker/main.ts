import { loadContender } from '../contenders.js';
import type { PeerConnection } from '../peers/peer.js';
import { Failures } from './failures.js';
import { type LoadContext, loads } from './loads.js';
import type { Reply, Request } from './messages.js';

// A process of its own for each contender: its CPU time, memory and garbage are nobody else's.
// Arguments: name of the contender, then the members' URLs.

const [name = '', ...urls] = process.argv.slice(2);
const failures = new Failures();

process.on('unhandledRejection', (error) => failures.add('unhandled rejection', error));
process.on('uncaughtException', (error) => failures.add('uncaught exception', error));
process.on('disconnect', () => process.exit());

function send(reply: Reply): void {
  process.send?.(reply);
}

async function answer(connection: PeerConnection, request: Request): Promise<void> {
  const context: LoadContext = {
    connection,
    failures,
    keyPrefix: `bench:${name}`,
    announce: () => send({ kind: 'reached' }),
  };
  send({ kind: 'done', result: await run(context, request) });
}

function run(context: LoadContext, request: Request) {
  switch (request.kind) {
    case 'uncontended':
      return loads.uncontended(context, request.load);
    case 'contended':
      return loads.contended(context, request.load);
    case 'fault':
      return loads.fault(context, request.load);
  }
}

function giveUp(error: unknown): void {
  send({ kind: 'broken', message: error instanceof Error ? error.message : String(error) });
}

try {
  const peer = await loadContender(name);
  const connection = await peer.connect(urls);
  process.on('message', (request: Request) => void answer(connection, request).catch(giveUp));
  send({ kind: 'ready', versions: peer.versions, canWait: connection.acquireWaiting !== undefined });
} catch (error) {
  giveUp(error);
}
