// npm run smoke: `npm start` as a newcomer would, one real request to it, and an orderly end
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fail } from './support/fail.mjs';
import { root } from './support/paths.mjs';

const startTimeout = 300_000;
const stopTimeout = 30_000;

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
// detached: npm and all that it starts are one process group, which can be interrupted as a terminal does it
const app = spawn('npm', ['start'], {
  cwd: root,
  detached: true,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, PORT: String(port) },
});
const ended = new Promise((resolve) => app.once('exit', resolve));
let hasEnded = false;
void ended.then(() => (hasEnded = true));
process.on('exit', () => hasEnded || interrupt('SIGKILL'));

await untilItAnswers();
await sellSeat();
await ticketIsShipped();
await stop();
console.log('Smoke test passed: the sample started, sold a seat, shipped its ticket and stopped.');

async function untilItAnswers() {
  const deadline = Date.now() + startTimeout;
  while (!(await answers())) {
    if (hasEnded) fail('`npm start` ended before it answered.');
    if (Date.now() > deadline) fail(`\`npm start\` did not answer at ${url} within ${startTimeout} ms.`);
    await pause(200);
  }
}

async function answers() {
  return fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

async function sellSeat() {
  const response = await fetch(`${url}/seats/A1/sell`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ buyer: 'Ada' }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  console.log(`POST ${url}/seats/A1/sell -> ${response.status} ${text}`);
  if (response.status !== 201 || !Number.isSafeInteger(JSON.parse(text).token))
    fail('The seat was not sold with a fencing token.');
}

async function ticketIsShipped() {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const response = await fetch(`${url}/shipments`, { signal: AbortSignal.timeout(5_000) });
    const text = await response.text();
    if (response.ok && JSON.parse(text).length === 1) return console.log(`GET ${url}/shipments -> ${text}`);
    if (Date.now() > deadline) fail(`The ticket was not shipped: ${response.status} ${text}`);
    await pause(200);
  }
}

async function stop() {
  interrupt('SIGINT');
  await Promise.race([ended, pause(stopTimeout, undefined, { ref: false })]);
  if (!hasEnded) fail(`\`npm start\` did not stop within ${stopTimeout} ms of Ctrl-C.`);
  if (await answers()) fail('`npm start` ended, but something still answers.');
}

function interrupt(signal) {
  process.kill(-Number(app.pid), signal);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
