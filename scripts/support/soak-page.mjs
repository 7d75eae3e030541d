import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const template = fileURLToPath(new URL('./soak-page.html', import.meta.url));

/** What each workload of a soak left in the folder. */
export function readReports(folder) {
  const files = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name.endsWith('.json'));
  return files.map(({ name }) => JSON.parse(readFileSync(folder + name, 'utf8')));
}

/** What counts of each report, as lines of text. */
export function tableOf(reports) {
  const head = [
    'workload',
    'minutes',
    'done',
    'refused',
    'unknown',
    'faults',
    'anomalies',
    'done %',
    'longest gap ms',
    'slowest recovery ms',
  ];
  const rows = reports.map((report) => [
    report.workload,
    (report.lasted / 60_000).toFixed(1),
    report.calls.done,
    report.calls.refused,
    report.calls.unknown,
    report.faults.length,
    report.anomalies.length,
    (report.availability * 100).toFixed(2),
    Math.round(report.longestGap),
    Math.round(report.slowestRecovery),
  ]);
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells.map((row) => row.map((cell, column) => cell.padStart(widths[column])).join('  ')).join('\n');
}

/** Writes the reports as one page that needs nothing else. @returns its path */
export function writePage(folder, reports) {
  const require = createRequire(import.meta.url);
  const charts = require.resolve('uplot').replace(/[^/\\]+$/, '');
  const parts = {
    style: readFileSync(`${charts}uPlot.min.css`, 'utf8'),
    charts: readFileSync(`${charts}uPlot.iife.min.js`, 'utf8'),
    table: tableOf(reports),
    // a fault's detail is ours, but it must not be able to end the script
    reports: JSON.stringify(reports).replaceAll('<', '\\u003c'),
  };
  const page = readFileSync(template, 'utf8').replaceAll(
    /(?:\/\* |")?insert: (\w+)(?: \*\/|")?/g,
    (_, name) => parts[name],
  );
  writeFileSync(`${folder}report.html`, page);
  return `${folder}report.html`;
}
