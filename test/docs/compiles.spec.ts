import { join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../support/repository.js';
import { allBlocks } from './support/blocks.js';

/** Every `ts` block, as a file of its own beside the sources so that imports resolve as for a user. */
const blocks = allBlocks('ts').map(({ page, line, code }) => ({
  name: `${page.replaceAll(/\W/g, '-')}-${line}.ts`,
  code: `${code}\nexport {};\n`,
}));

const wrong = {
  name: 'wrong.ts',
  code: "import { LockServices } from 'nestjs-majority-redis';\nexport { LockServices };",
};

/** In one go, as it is reading the types of all packages that takes long. */
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
  let errors: string[];
  beforeAll(() => {
    errors = errorsIn([...blocks, wrong]);
  });
  const isOfWrong = (error: string): boolean => error.includes(wrong.name);

  it('compiles as it stands', () => {
    expect(blocks.length).toBeGreaterThan(25);
    expect(errors.filter((error) => !isOfWrong(error))).toEqual([]);
  });

  it('would not pass with a name that the package does not have', () => {
    expect(errors.filter(isOfWrong)).toHaveLength(1);
  });
});
