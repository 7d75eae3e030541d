import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { uses } from './pages/index.js';
import { allBlocks, pages, type Block } from './support/blocks.js';
import { runBlock, withPlaceholders } from './support/run-block.js';
import { Stage } from './support/stage.js';
import { countStatedResults } from './support/stated-results.js';
import { World } from './support/world.js';

const blocks = allBlocks('ts');
let world: World;

beforeAll(async () => {
  world = await World.open();
  for (const [name, value] of Object.entries(world.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await world[Symbol.asyncDispose]();
});

async function run(block: Block): Promise<void> {
  await using stage = new Stage(world);
  await runBlock(block, withPlaceholders(block.code, world.placeholders), stage, uses[block.page]?.[block.title]);
}

const example = (code: string): Block => ({ page: 'example.md', title: 'Example', language: 'ts', code, line: 1 });

describe('code in README and docs, executed on real servers', () => {
  describe.each(pages.filter((page) => blocks.some((block) => block.page === page)))('%s', (page) => {
    it.each(blocks.filter((block) => block.page === page).map((block) => [block.title, block] as const))(
      '%s',
      async (_, block) => run(block),
    );
  });

  it('has something that can fail in each block: a result that it states, or a use of what it exports', () => {
    const titles = blocks
      .filter(({ page, title, code }) => uses[page]?.[title] === undefined && countStatedResults(code) === 0)
      .map(({ page, title }) => `${page}: ${title}`);
    expect(titles).toEqual([]);
  });

  it('has a block for each use', () => {
    const used = Object.entries(uses).flatMap(([page, ofPage]) =>
      Object.keys(ofPage).map((title) => `${page}: ${title}`),
    );
    const titles = new Set(blocks.map(({ page, title }) => `${page}: ${title}`));
    expect(used.filter((title) => !titles.has(title))).toEqual([]);
  });
});

describe('running a block fails', () => {
  const kv = `import { connectMajorityRedis } from 'nestjs-majority-redis';
await using group = await connectMajorityRedis({ nodes: ['redis://a', 'redis://b', 'redis://c'] });
`;

  it('when the result is another one than it states', async () => {
    await run(example(`${kv}await group.kv.get('no such key'); // → null`));
    await expect(run(example(`${kv}await group.kv.get('no such key'); // → 1`))).rejects.toThrow(/null.* to .*equal 1/);
  });

  it('when the code swallows that', async () => {
    const code = 'try {\n  [1, 2].length; // → 3\n} catch {}\n';
    await expect(run(example(code))).rejects.toThrow(/2.* to .*equal 3/);
  });

  it('when a line with a result is not executed', async () => {
    const code = "export const never = () => {\n  return 'never'; // → 'never'\n};\n";
    await expect(run(example(code))).rejects.toThrow('was not executed');
  });

  it('when a result stands where there is none', async () => {
    await expect(run(example('type Nothing = 1; // → 1'))).rejects.toThrow(
      'nothing on this line can have the result 1',
    );
  });

  it('when it throws', async () => {
    await expect(run(example("throw new Error('as it stands');"))).rejects.toThrow('as it stands');
  });
});
