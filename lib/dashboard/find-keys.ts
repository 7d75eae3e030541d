import type { QuorumKvService } from '../kv/quorum-kv.service.js';
import { systemClock } from '../runtime/clock.js';
import { shownValue } from './shown-value.js';
import type { KeyView, Listed } from './wire.js';

/** Keys of one answer. */
const keysMax = 100;
/** ms after which the search answers with what it found: a prefix that few keys have is looked for among all of them. */
export const searchMax = 5000;

/**
 * The first keys found that begin with a prefix, sorted. The one that is called exactly so is among them, however many
 * others begin so.
 *
 * @throws InvalidOptionsError; NoQuorumError
 */
export async function findKeys(kv: QuorumKvService, prefix: string, withValues: boolean): Promise<Listed<KeyView>> {
  const { names, hasMore, searchedFor } = await findNames(kv, prefix);
  const entries = await kv.getMany([...names].sort());
  const items = [...entries].map(([key, { value, version, expiresAt }]) => ({
    key,
    version,
    expiresAt,
    value: withValues ? shownValue(value) : undefined,
  }));
  return { items, hasMore, searchedFor };
}

interface FoundNames extends Pick<Listed<KeyView>, 'hasMore' | 'searchedFor'> {
  readonly names: ReadonlySet<string>;
}

async function findNames(kv: QuorumKvService, prefix: string): Promise<FoundNames> {
  const names = new Set<string>();
  if (prefix !== '' && (await kv.getEntry(prefix))) names.add(prefix);
  // a walk that finds nothing gives nothing to stop at, so it is stopped from outside
  const stop = new AbortController();
  const timer = systemClock.schedule(searchMax, () => stop.abort());
  try {
    for await (const name of kv.keys(prefix, { signal: stop.signal })) {
      if (names.size === keysMax && !names.has(name)) return { names, hasMore: true };
      names.add(name);
    }
    return { names, hasMore: false };
  } catch (error) {
    if (error !== stop.signal.reason) throw error;
    return { names, hasMore: true, searchedFor: searchMax };
  } finally {
    timer.cancel();
  }
}
