import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { filesBelow, read, root } from '../support/repository.js';

/** Every `ts` block of README and docs, as a file of its own beside the sources so that imports resolve as for a user. */
function codeBlocks(): { name: string; code: string }[] {
  const pages = ['README.md', ...filesBelow('docs').filter((path) => path.endsWith('.md'))];
  return pages.flatMap((page) =>
    [...read(page).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code], index) => ({
      name: `${page.replaceAll(/\W/g, '-')}-${index + 1}.ts`,
      code: `${code!}\nexport {};\n`,
    })),
  );
}

function errorsIn(blocks: readonly { name: string; code: string }[]): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    { noUnusedLocals: false, noUnusedParameters: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  )!;
  const files = new Map(blocks.map(({ name, code }) => [join(root, 'test', name), code]));
  const host = ts.createCompilerHost(config.options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const code = files.get(path);
    return code === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, code, version, true);
  };
  const program = ts.createProgram([...files.keys()], config.options, host);
  return [...files.keys()].flatMap((path) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map(({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
  );
}

describe('code in README and docs', () => {
  const blocks = codeBlocks();

  it('is there: the example of the README and those of the guides', () => {
    expect(blocks.map(({ name }) => name)).toContain('README-md-1.ts');
    expect(blocks.length).toBeGreaterThan(5);
  });

  it('compiles as it stands', () => {
    expect(errorsIn(blocks)).toEqual([]);
  });

  it('would not pass with a name that the package does not have', () => {
    const wrong = {
      name: 'wrong.ts',
      code: "import { LockServices } from 'nestjs-majority-redis';\nexport { LockServices };",
    };
    expect(errorsIn([wrong])).toHaveLength(1);
  });
});
