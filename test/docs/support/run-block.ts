import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { root } from '../../support/repository.js';
import type { Block } from './blocks.js';
import { checkStatedResults, withStatedResults } from './stated-results.js';

/** What a page's code exports: known to those who read the page, but not to the compiler. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Exports = any;

/** Uses what a block exports, as its reader would, and expects what the page says about it. */
export type Use<Stage> = (exported: Exports, stage: Stage) => Promise<void>;

/** Those of an application that Nest's own tool has made. */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};
const folder = `${root}.build/docs-code/`;

/** @returns the code with what is in the place of a reader's own addresses */
export function withPlaceholders(code: string, placeholders: Iterable<readonly [RegExp, string]>): string {
  let replaced = code;
  for (const [pattern, text] of placeholders) replaced = replaced.replaceAll(pattern, text);
  return replaced;
}

let runs = 0;

/**
 * Executes a block as a module of its own, then what uses its exports, and checks all results that it states.
 *
 * @param code of the block, with placeholders replaced
 */
export async function runBlock<Stage>(block: Block, code: string, stage: Stage, use?: Use<Stage>): Promise<void> {
  runs += 1;
  const name = `${block.page}-${block.line}`.replaceAll(/\W+/g, '-');
  const path = `${folder}${name}-${process.pid}-${runs}.js`;
  const { outputText } = ts.transpileModule(withStatedResults(name, code), { compilerOptions });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, outputText);
  try {
    const exported: Exports = await import(pathToFileURL(path).href);
    await use?.(exported, stage);
    checkStatedResults(name);
  } finally {
    rmSync(path);
  }
}
