import type { KvOperation, KvValue } from './kv-operation.js';
import { findLinearization, type Trail } from './linearization.js';

export type { KvOperation } from './kv-operation.js';

export type LinearizabilityVerdict =
  | { readonly kind: 'linearizable' }
  | {
      readonly kind: 'violation';
      readonly key: string;
      /** The first to return for which no order of all before it explains its result; more when they returned at once. */
      readonly unplaced: readonly KvOperation[];
      /** What was going on beside it: called before it returned, and not returned when it was called. */
      readonly concurrent: readonly KvOperation[];
      /** Without it there is an order (there may be others). It leaves this value, and ends with these operations. */
      readonly value: KvValue;
      readonly lastPlaced: readonly KvOperation[];
    }
  | { readonly kind: 'undecided'; readonly key: string };

export interface LinearizabilityOptions {
  /** How many configurations of one key are looked at before it is `undecided`; default 5 million. */
  readonly maxSteps?: number;
}

/** Operations of one list in a verdict, at most. */
const shownMax = 10;

/**
 * Whether a history of registers, each absent at first, is linearizable: each operation that took effect seems to do so
 * at one moment between its call and its return. Keys are judged each on its own, which is enough (linearizability is
 * local: Herlihy & Wing 1990). An unknown operation took effect at any moment after its call or never; a failed one
 * never did. For the search see {@link findLinearization} (Wing & Gong 1993; Lowe 2017).
 *
 * @returns the first violation; else `undecided` with the first key whose search took too many steps; else `linearizable`
 * @throws RangeError when an operation returned before it was called
 */
export function checkLinearizability(
  operations: readonly KvOperation[],
  options: LinearizabilityOptions = {},
): LinearizabilityVerdict {
  const { maxSteps = 5_000_000 } = options;
  const byKey = new Map<string, KvOperation[]>();
  for (const operation of operations) {
    const { process, key, calledAt, returnedAt } = operation;
    if (!(calledAt <= returnedAt)) throw new RangeError(`${process} on ${key}: ${returnedAt} is before ${calledAt}`);
    byKey.set(key, [...(byKey.get(key) ?? []), operation]);
  }
  const verdicts = [...byKey].map(([key, ofKey]) => judge(key, ofKey, maxSteps));
  const worst = (kind: string) => verdicts.find((verdict) => verdict.kind === kind);
  return worst('violation') ?? worst('undecided') ?? { kind: 'linearizable' };
}

function judge(key: string, operations: readonly KvOperation[], maxSteps: number): LinearizabilityVerdict {
  const { kind } = findLinearization(operations, maxSteps);
  if (kind === 'undecided') return { kind, key };
  return kind === 'found' ? { kind: 'linearizable' } : explain(key, operations, maxSteps);
}

/** Finds the return with which a bad history goes bad: what comes before a good moment is good, so halving finds it. */
function explain(key: string, operations: readonly KvOperation[], maxSteps: number): LinearizabilityVerdict {
  const known = operations.filter(({ outcome }) => outcome.kind === 'ok');
  const returns = [...new Set(known.map(({ returnedAt }) => returnedAt))].sort((a, b) => a - b || 0);
  let good: { readonly value: KvValue; readonly trail: Trail | undefined } = { value: null, trail: undefined };
  let [low, high] = [0, returns.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    const found = findLinearization(until(returns[middle]!, operations), maxSteps);
    if (found.kind === 'none') high = middle;
    else low = middle + 1;
    if (found.kind === 'found') good = found;
  }
  const unplaced = known.filter(({ returnedAt }) => returnedAt === returns[high]).slice(0, shownMax);
  const [{ calledAt, returnedAt }] = unplaced as [KvOperation];
  const concurrent = operations.filter(
    (other) =>
      !unplaced.includes(other) &&
      other.outcome.kind !== 'failed' &&
      other.calledAt <= returnedAt &&
      endOf(other) >= calledAt,
  );
  const shown = concurrent.sort((a, b) => endOf(a) - endOf(b) || b.calledAt - a.calledAt).slice(0, shownMax);
  return { kind: 'violation', key, unplaced, concurrent: shown, value: good.value, lastPlaced: lastOf(good.trail) };
}

/** What was known of the operations at that time: those that had not returned may have taken effect or not. */
function until(time: number, operations: readonly KvOperation[]): KvOperation[] {
  return operations
    .filter(({ calledAt }) => calledAt <= time)
    .map((one) => (one.returnedAt > time ? { ...one, outcome: { kind: 'unknown' as const } } : one));
}

function endOf({ outcome, returnedAt }: KvOperation): number {
  return outcome.kind === 'unknown' ? Infinity : returnedAt;
}

function lastOf(trail: Trail | undefined): KvOperation[] {
  const last: KvOperation[] = [];
  for (let at = trail; at && last.length < shownMax; at = at.before) last.unshift(at.operation);
  return last;
}
