import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './paths.mjs';

const copied =
  'lib sample test scripts docs dist README.md CHANGELOG.md docker-compose.yml package.json package-lock.json ' +
  'vitest.config.ts nest-cli.json .oxlintrc.json tsconfig.json tsconfig.build.json tsconfig.sample.json';
const testTimeout = 300_000;

/** A copy of the repository in a temporary folder, where product code may be broken without danger. */
export class CopiedTree {
  folder = mkdtempSync(join(tmpdir(), 'safeguards-'));
  report = join(this.folder, 'report.json');

  constructor() {
    symlinkSync(`${root}node_modules`, join(this.folder, 'node_modules'));
  }

  /** As the repository is now. */
  reset() {
    for (const name of copied.split(' ')) {
      rmSync(join(this.folder, name), { recursive: true, force: true });
      if (existsSync(root + name)) cpSync(root + name, join(this.folder, name), { recursive: true });
    }
  }

  /** @returns what is wrong with the patch; undefined when it applied */
  apply(patch) {
    // git apply inside another repository's folder would silently skip files, so it is told there is none
    const { status, stderr } = this.run('git', ['apply', '--verbose', patch], { GIT_DIR: '/dev/null' });
    return status === 0 ? undefined : `The patch does not apply:\n${stderr.trim()}`;
  }

  /** @returns why the copy does not compile; undefined when it does */
  build() {
    const { status, stdout, stderr } = this.run('node', ['node_modules/@nestjs/cli/bin/nest.js', 'build']);
    return status === 0 ? undefined : `Without the safeguard the tree does not compile:\n${(stdout + stderr).trim()}`;
  }

  /** Runs tests. `failed` means an assertion failed; `broken` that the tests could not tell (none ran, did not load). */
  test(args) {
    rmSync(this.report, { force: true });
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', `--outputFile=${this.report}`];
    const { stdout, stderr } = this.run('node', [...vitest, ...args]);
    if (!existsSync(this.report)) return { verdict: 'broken', detail: `vitest gave no report:\n${stdout}${stderr}` };
    return judge(JSON.parse(readFileSync(this.report, 'utf8')));
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  run(command, args, env = {}) {
    const options = { cwd: this.folder, encoding: 'utf8', timeout: testTimeout, killSignal: 'SIGKILL' };
    return spawnSync(command, args, { ...options, env: { ...process.env, ...env } });
  }
}

function judge({ testResults, numPassedTests, numFailedTests }) {
  const unloaded = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  if (unloaded.length > 0) return { verdict: 'broken', detail: unloaded.map(({ message }) => message).join('\n') };
  if (numFailedTests > 0) {
    const failed = testResults.flatMap((file) => file.assertionResults).filter(({ status }) => status === 'failed');
    return { verdict: 'failed', detail: failed.map(whatFailed).join('\n') };
  }
  if (numPassedTests === 0) return { verdict: 'broken', detail: 'No test ran: does the name still exist?' };
  return { verdict: 'passed', detail: `${numPassedTests} tests passed` };
}

function whatFailed({ fullName, failureMessages }) {
  return `${fullName}: ${failureMessages[0]?.split('\n')[0] ?? 'failed'}`;
}
