import type { SoakReport } from '../../test/faults/report/soak-report.js';

export function readReports(folder: string): SoakReport[];
export function tableOf(reports: readonly SoakReport[]): string;
export function writePage(folder: string, reports: readonly SoakReport[]): string;
