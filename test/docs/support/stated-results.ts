import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect } from 'vitest';

/**
 * What a page says that an expression gives: `await kv.get('a'); // → 12`. It stands behind a statement that is an
 * expression, a `return` or a declaration of one constant; `…` in it stands for anything.
 */
const statement = /^(?!\s*\/\/).*?\/\/ → (.+)$/;

interface Watch {
  readonly expected: Set<number>;
  readonly failures: string[];
}

const watches = new Map<string, Watch>();

/**
 * @param file name of the code, for messages and to find its results again
 * @returns the code with each of these statements checked when it is executed
 */
export function withStatedResults(file: string, code: string): string {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const expected = new Set<number>();
  const edits: { start: number; end: number; text: string }[] = [];
  for (const [index, text] of code.split('\n').entries()) {
    const [, stated] = statement.exec(text) ?? [];
    if (stated === undefined) continue;
    const line = index + 1;
    const expression = expressionEndingOn(source, index);
    if (expression === undefined)
      throw new Error(`${file}:${line}: nothing on this line can have the result ${stated}`);
    const value = `(anything) => (${stated.replaceAll('…', 'anything')})`;
    const checked = `__stated(${JSON.stringify(file)}, ${line}, ${expression.getText()}, ${value})`;
    edits.push({ start: expression.getStart(), end: expression.getEnd(), text: checked });
    expected.add(line);
  }
  watches.set(file, { expected, failures: [] });
  const changed = edits.reduceRight((all, { start, end, text }) => all.slice(0, start) + text + all.slice(end), code);
  return `import { stated as __stated } from ${JSON.stringify(fileURLToPath(import.meta.url))};\n${changed}`;
}

/** Called by the code. It fails there, and, should the code swallow that, in `checkStatedResults()`. */
export function stated<T>(file: string, line: number, actual: T, expected: (anything: unknown) => unknown): T {
  const watch = watches.get(file)!;
  watch.expected.delete(line);
  try {
    expect(actual, `${file}:${line}`).toEqual(expected(expect.anything()));
  } catch (error) {
    watch.failures.push(String(error));
    throw error;
  }
  return actual;
}

/** @returns how many results the code states */
export function countStatedResults(code: string): number {
  return code.split('\n').filter((line) => statement.test(line)).length;
}

/** @throws Error when a result was another one, or was never looked at */
export function checkStatedResults(file: string): void {
  const { expected, failures } = watches.get(file)!;
  watches.delete(file);
  const unseen = [...expected].map((line) => `${file}:${line} was not executed`);
  const problems = [...failures, ...unseen];
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

function expressionEndingOn(source: ts.SourceFile, line: number): ts.Expression | undefined {
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  let found: ts.Expression | undefined;
  const visit = (node: ts.Node): void => {
    if (lineOf(node.getEnd()) === line) found = expressionOf(node) ?? found;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function expressionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isExpressionStatement(node) || ts.isReturnStatement(node)) return node.expression;
  return ts.isVariableDeclaration(node) ? node.initializer : undefined;
}
