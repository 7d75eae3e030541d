/** One call of one client on one key. Times are of one clock (ms, fractions allowed) shared by all processes. */
export interface KvOperation {
  readonly process: string;
  readonly key: string;
  readonly action: KvAction;
  readonly calledAt: number;
  /** Infinity when it never returned or its outcome is unknown. */
  readonly returnedAt: number;
  readonly outcome: KvOutcome;
}

export type KvAction =
  | { readonly kind: 'get' }
  | { readonly kind: 'set'; readonly value: string }
  | { readonly kind: 'cas'; readonly expected: string | null; readonly next: string }
  /** An absent value counts as 0; the sum is stored as decimal text. */
  | { readonly kind: 'increment'; readonly by: number }
  | { readonly kind: 'delete' }
  /** The end of a value by itself; nobody calls it, so it is always unknown. */
  | { readonly kind: 'expire'; readonly value: string };

/**
 * `ok`: took effect with this result (get: the value, null when absent; cas: whether it was swapped; increment: the new
 * number; delete: whether there was a value; set: anything). `unknown`: was applied at most once, at any time after
 * `calledAt`. `failed`: surely not applied.
 */
export type KvOutcome =
  { readonly kind: 'ok'; readonly result: KvResult } | { readonly kind: 'unknown' } | { readonly kind: 'failed' };

export type KvResult = string | null | boolean | number;

/** What a register holds; null when absent. */
export type KvValue = string | null;

/** What the action, applied to a register with this value, leaves in it: the same value when it cannot be applied. */
export function valueAfter(action: KvAction, value: KvValue): KvValue {
  switch (action.kind) {
    case 'get':
      return value;
    case 'set':
      return action.value;
    case 'cas':
      return value === action.expected ? action.next : value;
    case 'increment': {
      const sum = sumOf(value, action.by);
      return sum === undefined ? value : String(sum);
    }
    case 'delete':
      return null;
    case 'expire':
      return value === action.value ? null : value;
  }
}

/** Whether the action has this result on a register with this value. */
export function hasResult(action: KvAction, result: KvResult, value: KvValue): boolean {
  switch (action.kind) {
    case 'get':
      return result === value;
    case 'set':
      return true;
    case 'cas':
      return result === (value === action.expected);
    case 'increment':
      return result === sumOf(value, action.by);
    case 'delete':
      return result === (value !== null);
    case 'expire':
      return false;
  }
}

/** Whether the action with this result leaves every value as it is. */
export function isRead(action: KvAction, result: KvResult): boolean {
  return action.kind === 'get' || ((action.kind === 'cas' || action.kind === 'delete') && result === false);
}

/** The only value on which the action has this result; undefined when there may be several. */
export function valueNeeded(action: KvAction, result: KvResult): KvValue | undefined {
  if (action.kind === 'get') return result as KvValue;
  if (action.kind === 'cas' && result === true) return action.expected;
  if (action.kind === 'delete' && result === false) return null;
  // 0 may be absent or "0"
  return action.kind === 'increment' && result !== action.by ? String(Number(result) - action.by) : undefined;
}

/** The value that the action with this result leaves; undefined when it is a read. */
export function valueLeft(action: KvAction, result: KvResult): KvValue | undefined {
  if (isRead(action, result)) return undefined;
  return action.kind === 'increment' ? String(result) : valueMade(action);
}

/** The one value that the action leaves whenever it changes anything; undefined when it depends on the value before. */
export function valueMade(action: KvAction): KvValue | undefined {
  if (action.kind === 'set') return action.value;
  if (action.kind === 'cas') return action.next;
  return action.kind === 'delete' || action.kind === 'expire' ? null : undefined;
}

/** Whether it is a number as an increment stores it: nothing else can be incremented (not "007"). */
export function isWhole(value: KvValue): boolean {
  return value !== null && /^(0|-?[1-9]\d*)$/.test(value);
}

function sumOf(value: KvValue, by: number): number | undefined {
  if (value === null) return by;
  return isWhole(value) ? Number(value) + by : undefined;
}
