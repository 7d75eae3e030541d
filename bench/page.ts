import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The repository's: the charts are those of the dashboard. */
const { resolve } = createRequire(import.meta.url);

/**
 * Writes a page that needs nothing else beside the report of a run.
 *
 * @param file the JSON file of the run
 * @param template the file page.html of this folder, of which the page is made
 * @returns the path of the page
 */
export function writePage(file: string, template: string): string {
  const charts = dirname(resolve('uplot'));
  const parts: Record<string, string> = {
    style: readFileSync(join(charts, 'uPlot.min.css'), 'utf8'),
    charts: readFileSync(join(charts, 'uPlot.iife.min.js'), 'utf8'),
    // messages of failures come from others and must not be able to end the script
    report: JSON.stringify(JSON.parse(readFileSync(file, 'utf8'), withoutSamples)).replaceAll('<', '\\u003c'),
  };
  const page = readFileSync(template, 'utf8').replaceAll(
    /\/\* insert: (\w+) \*\/|'insert: (\w+)'|insert: (\w+)/g,
    (_, script: string | undefined, value: string | undefined, style: string | undefined) =>
      parts[script ?? value ?? style ?? ''] ?? '',
  );
  const path = join(dirname(file), 'report.html');
  writeFileSync(path, page);
  return path;
}

function withoutSamples(key: string, value: unknown): unknown {
  return key === 'samples' ? undefined : value;
}
