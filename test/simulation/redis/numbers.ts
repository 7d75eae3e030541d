import { CommandError, notAnInteger } from './reply.js';

/** A number as C's `%.17g` writes it: what Redis makes of Lua numbers and of scores. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e17) return Object.is(value, -0) ? '-0' : String(value);
  if (value === Infinity) return 'inf';
  if (value === -Infinity) return '-inf';
  if (Number.isNaN(value)) return '-nan';
  const [digits, exponent] = value.toExponential(16).split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 17) return withoutZeros(value.toFixed(16 - power));
  const sign = power < 0 ? '-' : '+';
  return `${withoutZeros(digits)}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
}

function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** @throws CommandError when it is no whole number in Redis' strict form */
export function parseWhole(text: string, error = notAnInteger): number {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) throw error();
  return Number(text);
}

/** @throws CommandError */
export function parseScore(text: string): number {
  const value = scoreOf(text);
  if (value === undefined) throw new CommandError('ERR value is not a valid float');
  return value;
}

/** One end of a range of scores: `(` in front leaves the score itself out. */
export interface ScoreBound {
  readonly score: number;
  readonly isExclusive: boolean;
}

/** @throws CommandError */
export function parseBound(text: string): ScoreBound {
  const isExclusive = text.startsWith('(');
  const score = scoreOf(isExclusive ? text.slice(1) : text);
  if (score === undefined) throw new CommandError('ERR min or max is not a float');
  return { score, isExclusive };
}

function scoreOf(text: string): number | undefined {
  if (/^[+]?inf(inity)?$/i.test(text)) return Infinity;
  if (/^-inf(inity)?$/i.test(text)) return -Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
