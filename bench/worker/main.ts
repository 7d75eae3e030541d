import { type Connections, loadContender, type Purpose, purposes } from '../contenders.js';
import { Failures } from './failures.js';
import { type LoadContext, runLoad } from './loads.js';
import { optionalMethods, type Reply, type Request } from './messages.js';

// A process of its own for each contender: its CPU time, memory and garbage are nobody else's.
// Arguments: what it is connected as, name of the contender, then the members' URLs.

const [purposeGiven, name = '', ...urls] = process.argv.slice(2);
const failures = new Failures();

process.on('unhandledRejection', (error) => failures.add('unhandled rejection', error));
process.on('uncaughtException', (error) => failures.add('uncaught exception', error));
process.on('disconnect', () => process.exit());

function send(reply: Reply): void {
  process.send?.(reply);
}

function contextOf({ lock, store, queue }: Partial<Connections>): LoadContext {
  return {
    get locks() {
      return connected(lock);
    },
    get store() {
      return connected(store);
    },
    get queue() {
      return connected(queue);
    },
    failures,
    keyPrefix: `bench:${name}`,
    announce: () => send({ kind: 'reached' }),
  };
}

function connected<Connection>(connection: Connection | undefined): Connection {
  if (connection) return connection;
  throw new Error(`this process is not connected for such a load, but as ${purposeGiven}`);
}

async function connect(purpose: Purpose): Promise<void> {
  const peer = await loadContender(purpose, name);
  const connection = await peer.connect(urls);
  const context = contextOf({ [purpose]: connection });
  const answer = async (request: Request) => send({ kind: 'done', result: await runLoad(context, request) });
  process.on('message', (request: Request) => void answer(request).catch(giveUp));
  send({ kind: 'ready', versions: peer.versions, methods: optionalMethods.filter((method) => method in connection) });
}

function giveUp(error: unknown): void {
  send({ kind: 'broken', message: error instanceof Error ? error.message : String(error) });
}

try {
  const purpose = purposes.find((known) => known === purposeGiven);
  if (!purpose) throw new Error(`a process is connected as ${purposes.join(' or ')}, not as "${purposeGiven}"`);
  await connect(purpose);
} catch (error) {
  giveUp(error);
}
