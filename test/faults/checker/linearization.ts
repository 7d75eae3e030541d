import {
  hasResult,
  isRead,
  isWhole,
  valueAfter,
  valueLeft,
  valueMade,
  valueNeeded,
  type KvAction,
  type KvOperation,
  type KvResult,
  type KvValue,
} from './kv-operation.js';

/** The operations in an order that explains all results, last one first. */
export interface Trail {
  readonly operation: KvOperation;
  readonly before: Trail | undefined;
}

export type Linearization =
  | { readonly kind: 'found'; readonly value: KvValue; readonly trail: Trail | undefined }
  | { readonly kind: 'none' }
  | { readonly kind: 'undecided' };

/** An operation whose result is known. They are numbered in the order in which they returned. */
interface Known {
  readonly operation: KvOperation;
  readonly action: KvAction;
  readonly result: KvResult;
  /** The same for those with the same action and result. */
  readonly likeness: string;
}

/** Unknown operations that do the same. None of them ever returned, so using the earliest call first loses nothing. */
interface UnknownKind {
  readonly action: KvAction;
  /** ascending */
  readonly calledAt: readonly number[];
  readonly operations: readonly KvOperation[];
}

/** A node of the search: which operations are placed, and what the register then holds. */
interface Configuration {
  /** The first to return of the known operations not yet placed; it and those called before it returned are open. */
  readonly first: number;
  /** Placed ones that returned after it, ascending: as few as there were concurrent calls. */
  readonly ahead: readonly number[];
  /** How many are placed of each unknown kind, as one character each. */
  readonly used: string;
  readonly value: KvValue;
  readonly trail: Trail | undefined;
}

/**
 * Searches an order of operations on one key, initially absent, that keeps real time and explains every result: Wing &
 * Gong 1993 (try each operation that no unplaced one precedes, go back when stuck) with the memory of Lowe 2017 (a set
 * of placed operations with a value is looked at once). Some rules leave orders out, and always one in if there is any:
 *
 * - A read that fits is placed at once: moved ahead of what it does not change, it stays right.
 * - An unknown operation is placed only right before a known one that does not fit without it: otherwise it could be
 *   placed later, or left out.
 * - Of open operations alike in action and result, the one that returns first goes first; of unknown ones that do the
 *   same, the one called first.
 * - A value is not left while some unplaced operation needs it and nothing unplaced can bring it back.
 *
 * Operations that touch (one called in the ms the other returned) count as concurrent.
 *
 * @param steps how many configurations are looked at before it is `undecided`
 */
export function findLinearization(operations: readonly KvOperation[], steps: number): Linearization {
  return new Search(operations, steps).run();
}

class Search {
  private readonly known: readonly Known[];
  private readonly unknown: readonly UnknownKind[];
  /** Of each known operation: it, and those that return later but were called before it returned. */
  private readonly open: readonly (readonly number[])[];
  private readonly needing: ReadonlyMap<KvValue, readonly number[]>;
  private readonly leaving: ReadonlyMap<KvValue, readonly number[]>;
  private readonly onlyGrows: boolean;
  private readonly seen = new Map<string, string[]>();
  private readonly stack: { readonly at: Configuration; readonly withUnknown: boolean }[] = [];

  constructor(
    operations: readonly KvOperation[],
    private steps: number,
  ) {
    this.known = operations.flatMap(toKnown).sort((a, b) => a.operation.returnedAt - b.operation.returnedAt || 0);
    this.unknown = toUnknownKinds(operations);
    this.open = openAtReturns(this.known);
    this.needing = indexBy(this.known, valueNeeded);
    this.leaving = indexBy(this.known, valueLeft);
    this.onlyGrows = operations.every(
      ({ action }) => valueMade(action) === undefined && !(action.kind === 'increment' && action.by <= 0),
    );
  }

  run(): Linearization {
    const used = '\0'.repeat(this.unknown.length);
    this.visit({ first: 0, ahead: [], used, value: null, trail: undefined });
    for (let item = this.stack.pop(); item; item = this.stack.pop()) {
      const { at, withUnknown } = item;
      if (at.first === this.known.length) return { kind: 'found', value: at.value, trail: at.trail };
      if (this.steps < 0) return { kind: 'undecided' };
      if (withUnknown) this.branchWithUnknown(at);
      else this.branch(at);
    }
    return { kind: this.steps < 0 ? 'undecided' : 'none' };
  }

  /** Keeps a configuration to be looked at: first without unknown operations, later with them. */
  private visit(found: Configuration): void {
    this.steps--;
    const at = this.withReads(found);
    const key = `${at.first};${at.ahead.join()}${at.value === null ? '' : `=${at.value}`}`;
    const seen = this.seen.get(key) ?? [];
    if (seen.some((used) => isWithin(used, at.used))) return;
    seen.push(at.used);
    this.seen.set(key, seen);
    this.stack.push({ at, withUnknown: true }, { at, withUnknown: false });
  }

  private withReads(at: Configuration): Configuration {
    const fits = (index: number): boolean => {
      const { action, result } = this.known[index]!;
      return isRead(action, result) && hasResult(action, result, at.value) && !at.ahead.includes(index);
    };
    for (;;) {
      const read = this.open[at.first]?.find(fits);
      if (read === undefined) return at;
      at = this.place(at, read);
    }
  }

  private candidates({ first, ahead }: Configuration): number[] {
    const likenesses = new Set<string>();
    return this.open[first]!.filter((index) => {
      const { likeness } = this.known[index]!;
      return !ahead.includes(index) && !likenesses.has(likeness) && likenesses.add(likeness);
    });
  }

  private branch(at: Configuration): void {
    // the one that returned first is to be tried first, and so comes last on the stack
    for (const index of this.candidates(at).toReversed()) {
      const { action, result } = this.known[index]!;
      if (!hasResult(action, result, at.value)) continue;
      const next = this.place(at, index);
      if (next.value === at.value || !this.isMissed(at.value, next)) this.visit(next);
    }
  }

  private branchWithUnknown(at: Configuration): void {
    if (this.unknown.length === 0) return;
    for (const index of this.candidates(at).toReversed()) {
      const { action, result } = this.known[index]!;
      if (hasResult(action, result, at.value)) continue;
      const needed = valueNeeded(action, result);
      if (needed === undefined || this.canComeUnknown(needed, at)) this.leadTo(index, at, [], -1);
    }
  }

  /**
   * Places unknown operations, as few as possible, until the known one fits, and that one behind them. Neither a set nor
   * a delete comes second (what was before it could be left out), no value comes twice, and increments, as their order
   * does not matter, come in that of their kinds.
   */
  private leadTo(index: number, at: Configuration, left: readonly KvValue[], lastIncrement: number): void {
    const { action: goal, result } = this.known[index]!;
    const now = this.known[at.first]!.operation.returnedAt;
    this.unknown.forEach(({ action, calledAt, operations }, kind) => {
      const count = at.used.charCodeAt(kind);
      if (count === calledAt.length || calledAt[count]! > now) return;
      const isIncrement = action.kind === 'increment';
      if (isIncrement ? kind < lastIncrement : left.length > 0 && action.kind !== 'cas' && action.kind !== 'expire')
        return;
      const value = valueAfter(action, at.value);
      if (value === at.value || left.includes(value) || this.steps < 0) return;
      this.steps--;
      const used = at.used.slice(0, kind) + String.fromCharCode(count + 1) + at.used.slice(kind + 1);
      const next = { ...at, used, value, trail: { operation: operations[count]!, before: at.trail } };
      const allLeft = [...left, at.value];
      if (!hasResult(goal, result, value)) return this.leadTo(index, next, allLeft, isIncrement ? kind : -1);
      const reached = this.place(next, index);
      if (![...allLeft, value].some((one) => one !== reached.value && this.isMissed(one, reached))) this.visit(reached);
    });
  }

  private place(at: Configuration, index: number): Configuration {
    const { operation, action } = this.known[index]!;
    const value = valueAfter(action, at.value);
    const trail = { operation, before: at.trail };
    let { first } = at;
    const ahead = index === first ? at.ahead : [...at.ahead, index].sort((a, b) => a - b);
    if (index !== first) return { ...at, ahead, value, trail };
    let passed = 0;
    for (first++; ahead[passed] === first; first++) passed++;
    return { ...at, first, ahead: ahead.slice(passed), value, trail };
  }

  /** Whether a value is still needed that nothing can bring back. */
  private isMissed(value: KvValue, at: Configuration): boolean {
    return (
      hasUnplaced(this.needing.get(value), at) &&
      !hasUnplaced(this.leaving.get(value), at) &&
      !this.canComeUnknown(value, at)
    );
  }

  private canComeUnknown(value: KvValue, at: Configuration): boolean {
    return this.unknown.some(({ action, calledAt }, kind) => {
      if (at.used.charCodeAt(kind) === calledAt.length) return false;
      if (action.kind !== 'increment') return valueMade(action) === value;
      return isWhole(value) && !(this.onlyGrows && Number(value) <= Number(at.value));
    });
  }
}

/** Whether nothing of an unknown kind was used more often than there. */
function isWithin(used: string, there: string): boolean {
  for (let kind = 0; kind < used.length; kind++) if (used.charCodeAt(kind) > there.charCodeAt(kind)) return false;
  return true;
}

function hasUnplaced(indexes: readonly number[] | undefined, { first, ahead }: Configuration): boolean {
  if (!indexes) return false;
  for (let i = indexes.length - 1; i >= 0 && indexes[i]! >= first; i--) if (!ahead.includes(indexes[i]!)) return true;
  return false;
}

function toKnown(operation: KvOperation): Known[] {
  const { action, outcome } = operation;
  return outcome.kind === 'ok' ? [{ operation, action, result: outcome.result, likeness: likenessOf(operation) }] : [];
}

/** Text that is the same for the same action and outcome (of a set, the result does not matter). */
function likenessOf({ action, outcome }: KvOperation): string {
  const result = outcome.kind === 'ok' && action.kind !== 'set' ? [outcome.result] : [];
  return JSON.stringify([Object.entries(action).sort(), ...result]);
}

function toUnknownKinds(operations: readonly KvOperation[]): UnknownKind[] {
  const writes = operations.filter(({ action, outcome }) => outcome.kind === 'unknown' && action.kind !== 'get');
  const kinds = new Map<string, KvOperation[]>();
  for (const operation of writes.sort((a, b) => a.calledAt - b.calledAt)) {
    const name = likenessOf(operation);
    kinds.set(name, [...(kinds.get(name) ?? []), operation]);
  }
  return [...kinds.values()].map((same) => ({
    action: same[0]!.action,
    calledAt: same.map(({ calledAt }) => calledAt),
    operations: same,
  }));
}

function openAtReturns(known: readonly Known[]): number[][] {
  const calls = known.map((_, index) => index).sort((a, b) => calledAt(known, a) - calledAt(known, b));
  let called = 0;
  let open: number[] = [];
  return known.map(({ operation }, index) => {
    while (called < calls.length && calledAt(known, calls[called]!) <= operation.returnedAt)
      open.push(calls[called++]!);
    open = open.filter((one) => one >= index).sort((a, b) => a - b);
    return [...open];
  });
}

function calledAt(known: readonly Known[], index: number): number {
  return known[index]!.operation.calledAt;
}

function indexBy(
  known: readonly Known[],
  valueOf: (action: KvAction, result: KvResult) => KvValue | undefined,
): Map<KvValue, number[]> {
  const indexes = new Map<KvValue, number[]>();
  known.forEach(({ action, result }, index) => {
    const value = valueOf(action, result);
    if (value === undefined) return;
    const list = indexes.get(value);
    if (list) list.push(index);
    else indexes.set(value, [index]);
  });
  return indexes;
}
