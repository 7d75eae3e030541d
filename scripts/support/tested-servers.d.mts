export interface TestedServer {
  readonly name: string;
  readonly suites: readonly string[];
  readonly package: string;
  readonly program: string;
  readonly npm?: { readonly package: string; readonly program: string };
  readonly excluded?: readonly string[];
  readonly isRefused?: boolean;
}

export const testedServers: readonly TestedServer[];
