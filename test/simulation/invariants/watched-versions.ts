import type { KvWatchEvent } from '../../../lib/kv/kv.js';
import type { MajorityRedis } from '../../../lib/connect.js';
import type { Actor, Stage } from '../workload/workload.js';

/** ms between two looks at what a watcher was told. */
const lookEvery = 50;

/** What must hold for watchers: each is told of versions in order, all of the same content, and of the last one in the end. */
export class WatchedVersions {
  /** By key and version. */
  private readonly contents = new Map<string, string>();
  /** What each watcher was told last, by client and key. */
  private readonly last = new Map<MajorityRedis, Map<string, KvWatchEvent>>();

  constructor(private readonly stage: Stage) {}

  /** Watches a key for as long as the client's process lives, if it does not already. */
  watch({ name, redis }: Actor, key: string): void {
    const last = this.last.get(redis) ?? new Map<string, KvWatchEvent>();
    this.last.set(redis, last);
    if (last.has(key)) return;
    last.set(key, { exists: false, value: null, version: -1, expiresAt: null });
    redis.kv.watch(key).subscribe({
      next: (event) => {
        this.stage.note(name, `is told of version ${event.version} of ${key}: ${textOf(event)}`);
        this.check(name, key, last.get(key)!, event);
        last.set(key, event);
      },
      error: (error) => this.stage.object(`${name}'s watcher of "${key}" failed with ${String(error)}`),
    });
  }

  /** Resolves once all watchers of these clients were told what is true now. */
  async areTold(actors: readonly Actor[], key: string): Promise<void> {
    for (const { redis, sleep } of actors) {
      const last = this.last.get(redis);
      if (!last?.has(key)) continue;
      const entry = await redis.kv.getEntry(key);
      while (last.get(key)!.version < (entry?.version ?? 0)) await sleep(lookEvery);
    }
  }

  private check(name: string, key: string, before: KvWatchEvent, event: KvWatchEvent): void {
    const { version } = event;
    if (version <= before.version) {
      this.stage.object(`${name} was told of version ${version} of "${key}" after version ${before.version}`);
    }
    const place = `${key} ${version}`;
    const known = this.contents.get(place) ?? textOf(event);
    this.contents.set(place, known);
    if (known !== textOf(event)) {
      this.stage.object(`version ${version} of "${key}" is ${known} to some and ${textOf(event)} to ${name}`);
    }
  }
}

function textOf({ exists, value }: KvWatchEvent): string {
  return exists ? String(value) : 'absent';
}
