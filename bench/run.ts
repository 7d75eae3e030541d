import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHECKED_AT_ONCE, complaintsAbout, contendersChecked, leastEffort, longestFirst } from './check.js';
import { describeMachine, formatMachine } from './machine.js';
import { type BenchOptions, parseOptions, usage } from './options.js';
import { writePage } from './page.js';
import { formatTable } from './report.js';
import { row as concurrency } from './rows/concurrency.js';
import { row as consumers } from './rows/consumers.js';
import { row as contended } from './rows/contended.js';
import { row as cost } from './rows/cost.js';
import { row as frozen } from './rows/frozen.js';
import { row as killed } from './rows/killed.js';
import { row as kv } from './rows/kv.js';
import { row as kvContended } from './rows/kv-contended.js';
import { row as kvFrozen } from './rows/kv-frozen.js';
import { row as kvKeys } from './rows/kv-keys.js';
import { row as kvRestarting } from './rows/kv-restarting.js';
import { row as members } from './rows/members.js';
import { row as memory } from './rows/memory.js';
import { row as queue } from './rows/queue.js';
import { row as queueBacklog } from './rows/queue-backlog.js';
import { row as lockKeys } from './rows/lock-keys.js';
import { row as lockLoss } from './rows/lock-loss.js';
import { row as queueFault } from './rows/queue-fault.js';
import { row as queueFrozen } from './rows/queue-frozen.js';
import { row as queueLoss } from './rows/queue-loss.js';
import { row as queueRestarting } from './rows/queue-restarting.js';
import { row as restarting } from './rows/restarting.js';
import type { Row } from './rows/row.js';
import { RowContext } from './rows/row-context.js';
import { row as steady } from './rows/steady.js';
import { row as uncontended } from './rows/uncontended.js';

const lockRows = [uncontended, contended, steady, frozen, killed, restarting, lockLoss, lockKeys];
const kvRows = [kv, kvContended, kvKeys, kvFrozen, kvRestarting];
const queueRows = [queue, consumers, queueBacklog, queueFrozen, queueRestarting, queueFault, queueLoss];
const rows: readonly Row[] = [...lockRows, ...kvRows, ...queueRows, memory, cost, members, concurrency];
const rowNames = rows.map(({ name }) => name);
const template = fileURLToPath(new URL('../page.html', import.meta.url));
const jsonDefault = fileURLToPath(new URL('./results.json', import.meta.url));

try {
  const options = parseOptions(process.argv.slice(2), rowNames, jsonDefault);
  if (options.help) console.log(usage(rowNames));
  else if (options.plot !== undefined) console.log(`Page: ${writePage(resolve(options.plot), template)}`);
  else if (options.check) process.exitCode = (await check(options)) ? 0 : 1;
  else await bench(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function bench(options: BenchOptions): Promise<void> {
  const machine = describeMachine();
  const context = new RowContext(options.contenders, options);
  console.log(formatMachine(machine));
  const results = [];
  for (const row of rowsOf(options)) {
    const { tables, charts = [], samples } = await row.run(context);
    const problems = [...context.takeLeftOut(), ...context.takeProblems()];
    for (const table of tables) console.log(`\n${formatTable(table)}`);
    for (const problem of problems) console.log(`  ${problem}`);
    results.push({ row: row.name, tables, charts, problems, samples });
  }
  console.log(`\n${formatVersions(context.versions)}`);
  const file = resolve(options.json);
  mkdirSync(dirname(file), { recursive: true });
  const { versions } = context;
  const report = { date: new Date().toISOString(), machine, versions, options, results };
  writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`);
  console.log(`Raw samples: ${file}\nPage: ${writePage(file, template)}`);
}

/** @returns whether each row gave figures and nobody failed */
async function check(options: BenchOptions): Promise<boolean> {
  const startedAt = performance.now();
  const waiting = longestFirst(rowsOf(options));
  let isGood = true;
  const work = async (): Promise<void> => {
    for (let row = waiting.shift(); row; row = waiting.shift()) {
      const complaints = await checkRow(row, options);
      console.log(complaints.length === 0 ? `${row.name}: good` : `${row.name}: BAD`);
      for (const complaint of complaints) console.log(`  ${complaint}`);
      if (complaints.length > 0) isGood = false;
    }
  };
  await Promise.all(Array.from({ length: CHECKED_AT_ONCE }, work));
  console.log(`${isGood ? 'All good' : 'Not good'}, after ${Math.round((performance.now() - startedAt) / 1000)} s`);
  return isGood;
}

async function checkRow(row: Row, options: BenchOptions): Promise<string[]> {
  const context = new RowContext(contendersChecked(row.name, options.contenders), leastEffort);
  try {
    return complaintsAbout(await row.run(context), row.mayFail ?? false, context.takeProblems());
  } catch (error) {
    return [...context.takeProblems(), `it ended with ${error instanceof Error ? error.stack : String(error)}`];
  }
}

function rowsOf(options: BenchOptions): readonly Row[] {
  return rows.filter(({ name }) => options.rows.includes(name));
}

function formatVersions(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name}: ${version}`)
    .join('\n');
}
