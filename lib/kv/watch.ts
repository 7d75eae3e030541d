import { Observable } from 'rxjs';
import { pause } from '../runtime/pause.js';
import type { ChangeContext } from './change.js';
import { readRegister } from './read.js';
import type { Accepted } from './register.js';

/** ms that members wake a watcher without hearing of it again. */
const lease = 30_000;

/**
 * Each version of a register once, in order, starting with the current one. Versions that follow each other faster than
 * they can be read are passed over. Members wake the watcher; it also looks by itself every `pollInterval` ms and when
 * a value ends. While there is no quorum it waits.
 */
export function watchRegister(context: ChangeContext, key: string, pollInterval: number): Observable<Accepted> {
  return new Observable((subscriber) => {
    const watcher = new Watcher(context, key, pollInterval, (found) => subscriber.next(found));
    watcher.run().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => watcher.stop();
  });
}

class Watcher {
  private readonly id: string;
  private readonly channel: string;
  private readonly stopped = new AbortController();
  private wake: AbortController = new AbortController();
  private version = -1;
  private listeningUntil = -Infinity;

  constructor(
    private readonly context: ChangeContext,
    private readonly key: string,
    private readonly pollInterval: number,
    private readonly emit: (found: Accepted) => void,
  ) {
    const { group } = context.requests;
    this.id = group.random.id();
    this.channel = group.keys.inbox(group.clientId);
    for (const member of group.members) group.inboxAt(member).listen(this.id, () => this.wake.abort());
  }

  async run(): Promise<void> {
    const { group } = this.context.requests;
    while (!this.stopped.signal.aborted) {
      this.wake = new AbortController();
      await this.listen();
      const rest = await this.look();
      await pause(group.clock, rest, AbortSignal.any([this.wake.signal, this.stopped.signal]));
    }
  }

  stop(): void {
    const { requests } = this.context;
    this.stopped.abort();
    for (const member of requests.group.members) requests.group.inboxAt(member).unlisten(this.id);
    requests.unlisten(this.key, this.who);
  }

  private get who(): string {
    return `${this.channel} ${this.id}`;
  }

  private async listen(): Promise<void> {
    const { requests } = this.context;
    const { group } = requests;
    if (group.now() < this.listeningUntil) return;
    // where an inbox cannot be opened, looking from time to time has to do
    await Promise.race([
      Promise.all(group.members.map((member) => group.inboxAt(member).ready())),
      pause(group.clock, Math.min(200, this.pollInterval), this.stopped.signal),
    ]);
    if (this.stopped.signal.aborted) return;
    const verdict = await requests.listen(this.key, lease, this.who).verdict;
    this.listeningUntil = verdict === 'granted' ? group.now() + lease / 3 : -Infinity;
  }

  /** @returns ms until the next look when nobody wakes it */
  private async look(): Promise<number> {
    try {
      const found = await readRegister(this.context, this.key);
      if (this.stopped.signal.aborted) return 0;
      if (found.version > this.version) {
        this.version = found.version;
        this.emit(found);
      }
      if (!found.value || found.due === 0) return this.pollInterval;
      const left = found.due - this.context.requests.group.clock.wallUs() / 1000;
      return Math.min(this.pollInterval, Math.max(1, Math.ceil(left)));
    } catch {
      // no quorum: the members that are left cannot say what is true
      return this.pollInterval;
    }
  }
}
