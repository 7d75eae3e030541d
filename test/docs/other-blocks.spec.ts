import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { filesBelow, read } from '../support/repository.js';
import { openSeats } from './support/seats.js';
import { allBlocks, blockOf } from './support/blocks.js';
import { FiveServers } from './support/five-servers.js';

/** By title: the test that executes, or holds against what is there, a block that is neither `ts` nor `sh`. */
const heldBy: Readonly<Record<string, string>> = {
  'README.md: Two commands (2)': 'test/docs/other-blocks.spec.ts',
  'docs/architecture.md: Architecture': 'test/docs/other-blocks.spec.ts',
  'docs/guides/health.md: Liveness and readiness': 'test/docs/pages/health.ts',
  'docs/guides/locks.md: Store the token': 'test/docs/other-blocks.spec.ts',
  'docs/guides/nest.md: Watch the group': 'test/docs/other-blocks.spec.ts',
  'docs/guides/operations.md: A user with the least rights': 'test/integration/group/acl.spec.ts',
  'docs/guides/operations.md: A user with the least rights (2)': 'test/integration/group/acl.spec.ts',
  'docs/guides/telemetry.md: Set up, with Prometheus (5)': 'test/docs/other-blocks.spec.ts',
  'docs/guides/telemetry.md: Set up, with Prometheus (6)': 'test/docs/other-blocks.spec.ts',
};

describe('every code block', () => {
  it('is executed by runs.spec.ts (ts), commands.spec.ts and tutorial.spec.ts (sh), or by a test that names its page', () => {
    const others = allBlocks().filter(({ language }) => language !== 'ts' && language !== 'sh');
    expect(others.map(({ page, title }) => `${page}: ${title}`).toSorted()).toEqual(Object.keys(heldBy).toSorted());
    const strangers = others.filter(({ page, title }) => !read(heldBy[`${page}: ${title}`]!).includes(page));
    expect(strangers).toEqual([]);
  });
});

describe('the statement that keeps a late writer out', () => {
  const { code } = blockOf('docs/guides/locks.md', 'Store the token');

  it('changes a row for a token that is not lower, and none for a lower one', async () => {
    const seats = openSeats('A1');
    onTestFinished(() => seats.close());
    expect(await seats.execute(code, ['Ada', 1790000000000123, 'A1'])).toBe(1);
    expect(await seats.execute(code, ['Ada again', 1790000000000123, 'A1'])).toBe(1);
    expect(await seats.execute(code, ['Late', 1790000000000122, 'A1'])).toBe(0);
    expect(seats.buyer('A1')).toBe('Ada again');
  });

  it('is the one that the code after it sends', () => {
    expect(blockOf('docs/guides/locks.md', 'Store the token (2)').code).toContain(`'${code.trim()}'`);
  });
});

describe('the picture of the architecture', () => {
  it('shows each folder of lib, and no other', () => {
    const { code } = blockOf('docs/architecture.md', 'Architecture');
    const shown = [...code.matchAll(/^ {2}([\w-]+(?:\/|\.ts))/gm)].map(([, name]) => name);
    const there = filesBelow('lib').map((file) => /^lib\/([^/]+\/?)/.exec(file)![1]);
    const notShown = new Set(['index.ts', 'errors.ts']);
    expect(shown.toSorted()).toEqual([...new Set(there)].filter((name) => !notShown.has(name!)).toSorted());
  });
});

describe('five servers, watched', () => {
  it('have the log lines of the guide to the module, and come to the votes of the picture in the README', async () => {
    await using five = await FiveServers.start();
    const lines = blockOf('docs/guides/nest.md', 'Watch the group').code.trim().split('\n');
    // how many more than a quorum have answered by then is chance
    expect(lines[0]).toBe('[MajorityRedis] group ready: 5 of 5 members vote, quorum is 3');
    await five.logs(/\[MajorityRedis\] group ready: [345] of 5 members vote, quorum is 3/);
    five.freeze('redis-3');
    await five.logs(lines[1]!);
    five.thaw('redis-3');
    await five.logs(lines[2]!);

    const picture = blockOf('README.md', 'Two commands (2)').code;
    const shown = [...picture.matchAll(/(redis-\d) {3}(.*?) *[┐├┘│\n]/g)].map(([, name, said]) => [name, said]);
    await five.kill('redis-4');
    five.freeze('redis-5');
    expect(await five.votes()).toEqual(Object.fromEntries(shown));
    const [, granted, of, token] = /(\d) of (\d): the lock is yours, token (\d+)$/m.exec(picture)!;
    expect([granted, of]).toEqual(['3', '5']);
    // of the year that it shows, in µs
    expect(new Date(Number(token) / 1000).getUTCFullYear()).toBe(2026);
  });
});

describe('the example for Prometheus', () => {
  const page = 'docs/guides/telemetry.md';
  const settings = blockOf(page, 'Set up, with Prometheus (5)').code;
  const rules = blockOf(page, 'Set up, with Prometheus (6)').code;

  it('scrapes the port that the code before it listens on, and reads the rules after it', () => {
    const { scrape_configs: jobs, rule_files: files } = parse(settings) as {
      scrape_configs: { job_name: string; scrape_interval: string; static_configs: { targets: string[] }[] }[];
      rule_files: string[];
    };
    const [, port] = /port: (\d+)/.exec(blockOf(page, 'Set up, with Prometheus (2)').code)!;
    const targets = jobs.flatMap((job) => job.static_configs.flatMap(({ targets: names }) => names));
    expect(targets).not.toEqual([]);
    expect(targets.filter((target) => !target.endsWith(`:${port}`))).toEqual([]);
    expect(files).toEqual([rules.split('\n')[0]!.replace('# ', '')]);
  });

  it('has rules as Prometheus reads them: a name, a query and how long; test/nest/telemetry.spec.ts tries the queries', () => {
    const { groups } = parse(rules) as {
      groups: { name: string; rules: { alert: string; expr: string; for: string }[] }[];
    };
    expect(groups).toHaveLength(1);
    for (const rule of groups[0]!.rules) {
      expect(Object.keys(rule)).toEqual(['alert', 'expr', 'for']);
      expect(rule).toMatchObject({ alert: expect.stringMatching(/^[A-Z]\w+$/), for: expect.stringMatching(/^\d+m$/) });
    }
    expect(read('test/nest/telemetry.spec.ts')).toContain(page);
  });
});
