import { createServer } from 'node:net';

// Below the ports that systems hand out to outgoing connections (32768 and up on Linux, 49152 elsewhere): otherwise a
// client that keeps trying a stopped server could be given that very port, connect to itself and occupy it.
const firstPort = 11_000;
const lastPort = 31_999;
const count = lastPort - firstPort + 1;
const attempts = 100;

/** By chance, so that processes that start at the same time look at other ports. */
let next = Math.floor(Math.random() * count);

/**
 * A TCP port of 127.0.0.1 that was free a moment ago, and that was not given to others in this process, who may not listen
 * on it yet. Another process may still take it first: be ready to retry.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = firstPort + next;
    next = (next + 1) % count;
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port found between ${firstPort} and ${lastPort} in ${attempts} attempts`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
