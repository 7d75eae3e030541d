import type { QuorumKvService } from '../kv/quorum-kv.service.js';
import { systemClock } from '../runtime/clock.js';
import { shownValue } from './shown-value.js';
import type { KeyView, Listed } from './wire.js';

/** Keys of one answer. */
const keysMax = 100;
/** ms after which the search answers with what it found: a prefix that few keys have is looked for among all of them. */
const searchMax = 5000;

/**
 * The first keys found that begin with a prefix, sorted. The one that is called exactly so is among them, however many
 * others begin so.
 *
 * @throws InvalidOptionsError; NoQuorumError
 */
export async function findKeys(kv: QuorumKvService, prefix: string, withValues: boolean): Promise<Listed<KeyView>> {
  const end = systemClock.now() + searchMax;
  const names = new Set<string>();
  if (prefix !== '' && (await kv.getEntry(prefix))) names.add(prefix);
  let hasMore = false;
  for await (const name of kv.keys(prefix)) {
    hasMore = (names.size === keysMax && !names.has(name)) || systemClock.now() > end;
    if (hasMore) break;
    names.add(name);
  }
  const entries = await kv.getMany([...names].sort());
  const items = [...entries].map(([key, { value, version, expiresAt }]) => ({
    key,
    version,
    expiresAt,
    value: withValues ? shownValue(value) : undefined,
  }));
  return { items, hasMore };
}
