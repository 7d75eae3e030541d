/** How long a workload goes on under faults. */
export interface SoakLength {
  /** Times that members are hit at least. */
  readonly strikes: number;
  /** ms, also at least. */
  readonly lasts: number;
}

/** @param strikes of a short run, in `npm test`; `npm run test:soak` asks for minutes instead */
export function soakLength(strikes: number): SoakLength {
  const minutes = Number(process.env['SOAK_MINUTES'] ?? 0);
  return { strikes, lasts: minutes * 60_000 };
}

/** Ticks once for each strike, as long as the run is to last. */
export function* strikesFor({ strikes, lasts }: SoakLength): Generator<number> {
  const end = performance.now() + lasts;
  for (let strike = 0; strike < strikes || performance.now() < end; strike++) yield strike;
}
