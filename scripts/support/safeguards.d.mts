export interface Safeguard {
  readonly file: string;
  readonly name: string;
  readonly safeguard: string | undefined;
  readonly stops: string | undefined;
  readonly caughtBy: string | undefined;
}

export const patchFolder: string;
export const tablePage: string;
export function readSafeguards(): Safeguard[];
export function withTable(page: string, safeguards: readonly Safeguard[]): string;
