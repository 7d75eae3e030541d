const whole = new Intl.NumberFormat('en');
const oneDigit = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export const formatCount = (count: number): string => whole.format(count);

export const formatTime = (at: number): string => time.format(at);

export const formatDateTime = (at: number): string => dateTime.format(at);

/** A length of time, ms, in the unit that a person would use: `340 ms`, `2.1 s`, `14 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? oneDigit.format(ms) : Math.round(ms)} ms`;
  if (ms < 60_000) return `${oneDigit.format(ms / 1000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${oneDigit.format(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}

export function formatRate(rate: number | null): string {
  return rate === null ? '–' : `${rate < 10 ? oneDigit.format(rate) : whole.format(Math.round(rate))}/s`;
}
