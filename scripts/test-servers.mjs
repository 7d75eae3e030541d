// npm run test:servers [-- NAME … --kinds scripts,nest --faults --list]: the tests that talk to servers, on each of the
// servers of scripts/support/tested-servers.mjs, or on those named; they are fetched once and stay in .build/servers
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './support/build.mjs';
import { CannotFetchError, fetchServer, NoDebianError } from './support/fetch-server.mjs';
import { fail } from './support/fail.mjs';
import { ensureInstalled } from './support/install.mjs';
import { buildFolder, root } from './support/paths.mjs';
import { run } from './support/run.mjs';
import { startIsRefused } from './support/start-is-refused.mjs';
import { testedServers } from './support/tested-servers.mjs';

const { values: options, positionals: names } = parse();
const kinds = [...options.kinds.split(','), ...(options.faults ? ['faults'] : [])];
const unknown = names.filter((name) => !testedServers.some((server) => server.name === name));
if (unknown.length > 0) fail(`Unknown server: ${unknown.join(', ')}. There are: ${namesOf(testedServers)}`);
const chosen = testedServers.filter(({ name }) => names.length === 0 || names.includes(name));

if (options.list) {
  for (const server of chosen) console.log(`${server.name.padEnd(14)} ${originOf(server)}`);
  process.exit(0);
}

await ensureInstalled();
await ensureBuilt('lib');
await ensureBuilt('sample');
const rows = [];
for (const server of chosen) rows.push(await verdictOn(server));

console.log(`\n${'server'.padEnd(14)} ${'version'.padEnd(22)} result`);
for (const { name, version, result, failures } of rows) {
  console.log(`${name.padEnd(14)} ${version.padEnd(22)} ${result}`);
  for (const failure of failures) console.log(`  ${failure.replaceAll('\n', '\n  ')}`);
}
const bad = rows.filter(({ isGood }) => !isGood);
console.log(`\n${rows.length - bad.length} of ${rows.length} servers are as they should be (${kinds.join(', ')}).`);
process.exit(bad.length === 0 ? 0 : 1);

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        kinds: { type: 'string', default: 'scripts,contract,integration,nest' },
        faults: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return fail(`${error.message}\nUsage: npm run test:servers [-- NAME … --kinds scripts,nest --faults --list]`);
  }
}

async function verdictOn(server) {
  const { name } = server;
  let program;
  try {
    console.error(`\n${name}: ${originOf(server)} …`);
    program = fetchServer(server);
  } catch (error) {
    if (error instanceof NoDebianError) return fail(error.message);
    if (!(error instanceof CannotFetchError)) throw error;
    return { name, version: '', isGood: false, result: 'could not be had', failures: [error.message] };
  }
  const version = versionOf(program);
  if (server.isRefused) {
    const problem = await startIsRefused(program);
    const isGood = problem === undefined;
    return { name, version, isGood, result: isGood ? 'refused at start' : 'FAILED', failures: isGood ? [] : [problem] };
  }
  return { name, version, ...(await testsOn(server, program)) };
}

async function testsOn({ name, excluded = [] }, program) {
  const report = `${buildFolder}servers/${name}.json`;
  rmSync(report, { force: true });
  const args = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  for (const kind of kinds) args.push('--project', kind);
  for (const pattern of excluded) args.push('--exclude', pattern);
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...args];
  const code = await run(process.execPath, vitest, { env: { REDIS_SERVER: program } });
  const { passed, failed, failures } = readReport(report);
  // vitest also ends with another code than 0 for what no test is blamed for
  const isGood = code === 0 && failed === 0 && passed > 0;
  const result = `${isGood ? 'passed' : 'FAILED'}: ${passed} passed, ${failed} failed`;
  return { isGood, result, failures };
}

function readReport(file) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, failures: ['The tests did not come to an end.'] };
  }
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const path = name.replace(root, '');
    const bad = assertionResults.filter((result) => result.status === 'failed');
    if (status === 'failed' && bad.length === 0) return [`${path}: ${message}`];
    return bad.map(({ fullName }) => `${path}: ${fullName}`);
  });
  return { passed: report.numPassedTests, failed: report.numFailedTests, failures };
}

/** As it tells it: `Valkey server v=8.1.1 …`. */
function versionOf(program) {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const [, product, version] = /^(\w+) server v=(\S+)/.exec(stdout ?? '') ?? [];
  return version === undefined ? 'unknown' : `${product} ${version}`;
}

function originOf({ suites, package: wanted, npm }) {
  return npm === undefined ? `${wanted} of Debian ${suites.at(-1)}` : `${npm.package} of npm`;
}

function namesOf(servers) {
  return servers.map(({ name }) => name).join(', ');
}
