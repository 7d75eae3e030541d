import type { Member } from '../member/member.js';
import type { Timer } from '../runtime/clock.js';
import type { QueueRequests } from './queue-requests.js';

/** `maxOperationTime`s that lie between a floor and now: a put that is under way is not cut off. */
const windowSpans = 3;
/** Ids that are compared in one request, and in one round. */
const pageMax = 1000;
const roundMax = 50_000;
/** Messages that are copied in one request. */
const copyMax = 100;
/** Messages that are checked in each round besides, to find those that are done elsewhere. */
const scrubMax = 200;

/** What one member said is live in a span of creation times. */
interface Listing {
  readonly live: ReadonlySet<string>;
  readonly floor: number;
  /** Up to where it was read, µs. */
  readonly end: number;
  readonly looked: boolean;
}

/**
 * Compares members in the background, so that every message ends up on all of them and tombstones go. One client at a
 * time does it for a member.
 *
 * @see docs/protocols/queue.md#anti-entropy
 */
export class AntiEntropy {
  private timer: Timer | undefined;
  private isClosed = false;
  private running: Promise<void> = Promise.resolve();
  private readonly cursors = new Map<Member, string>();

  constructor(
    private readonly requests: QueueRequests,
    /** ms */
    private readonly interval: number,
  ) {}

  start(): void {
    const { clock, random } = this.requests.group;
    this.timer = clock.schedule(
      this.interval * (0.75 + random.fraction() / 2),
      () => {
        this.running = this.round().finally(() => {
          if (!this.isClosed) this.start();
        });
      },
      true,
    );
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.timer?.cancel();
    await this.running;
  }

  /** All members that vote, one after the other. */
  async round(): Promise<void> {
    const { group } = this.requests;
    for (const member of group.members) {
      if (this.isClosed || member.state !== 'voting') continue;
      const sources = group.homesOf(this.requests.name).filter((other) => other !== member);
      if (sources.length < group.quorum - 1) continue;
      if ((await this.ask(member, `O${group.clientId} ${2 * this.interval}`)) !== 'A') continue;
      try {
        await this.advance(member, sources.slice(0, group.quorum - 1));
        await this.scrub(member, sources.slice(0, group.quorum - 1));
      } catch {
        // a member failed meanwhile: nothing was decided, the next round tells
      }
    }
  }

  /** Raises the floor of a member as far as it holds, or is given here, all that is live below. */
  private async advance(target: Member, sources: readonly Member[]): Promise<void> {
    const members = [target, ...sources];
    const times = await Promise.all(members.map(async (member) => Number(await this.need(member, 'T'))));
    const window = windowSpans * this.requests.group.maxOperationTime * 1000;
    const to = Math.min(...times) - window;
    const own = await this.list(target, to, undefined);
    const others: Listing[] = [];
    for (const source of sources) others.push(await this.list(source, to, own.floor));
    // a member that was away longer than the others keep ids is compared message by message
    const isBehind = others.some(({ floor }) => floor > own.floor);
    const end = Math.min(to, own.end, ...others.map((listing) => listing.end));
    const ids = new Set<string>();
    for (const { live } of others) for (const id of live) if (!own.live.has(id)) ids.add(id);
    await this.bring(target, sources, [...ids]);
    if (isBehind) for (const source of sources) await this.walk(target, sources, source);
    await this.dropDone(
      target,
      sources,
      [...own.live].filter((id) => !others.every(({ live }) => live.has(id))),
    );
    if (!own.looked && others.every(({ looked }) => !looked) && end - own.floor < 60_000_000) return;
    while ((await this.need(target, `B${end}`)) === 'M');
  }

  /** What a member holds that was created since the floor of the member to be advanced. */
  private async list(member: Member, to: number, since: number | undefined): Promise<Listing> {
    const live = new Set<string>();
    let floor = 0;
    let from = since;
    let end = to;
    let count = 0;
    for (let isOpen = true; isOpen;) {
      const page = (await this.need(member, `Z${to} ${from ?? 0} ${pageMax}`)) as string[];
      const [floorText, next, , ...ids] = page;
      floor = Number(floorText);
      for (const id of ids) live.add(id);
      isOpen = next !== '';
      if (isOpen) {
        count += pageMax;
        from = Number(next);
        if (count >= roundMax) {
          end = from;
          isOpen = false;
        }
      } else {
        count += ids.length;
      }
    }
    return { live, floor, end, looked: count > 0 };
  }

  /** Gives a member what it does not know; what is done anywhere is done there too. */
  private async bring(target: Member, sources: readonly Member[], ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += copyMax) {
      const page = ids.slice(at, at + copyMax);
      const list = page.map((id) => `${id} `).join('');
      const own = (await this.need(target, `Q${list}`)) as string[][];
      const told = await Promise.all(
        sources.map(async (source) => (await this.need(source, `C${list}`)) as string[][]),
      );
      const done = page.filter((_, index) => told.some((answers) => answers[index]![0] === 'D'));
      const texts = page.map((id, index) => {
        const live = told.map((answers) => answers[index]!).find(([word]) => word !== 'D' && word !== 'U');
        const isWanted = own[index]![0] === 'U' && live && !done.includes(id);
        return isWanted ? healText(id, live) : '';
      });
      await this.spread(target, done);
      if (texts.some((text) => text !== '')) await this.need(target, `H${texts.join('')}`, true);
    }
  }

  /** Drops what a member holds though it is done: done on any source is done. */
  private async dropDone(target: Member, sources: readonly Member[], ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += pageMax) {
      const page = ids.slice(at, at + pageMax);
      const list = page.map((id) => `${id} `).join('');
      const told = await Promise.all(
        sources.map(async (source) => (await this.need(source, `Q${list}`)) as string[][]),
      );
      await this.spread(
        target,
        page.filter((_, index) => told.some((answers) => answers[index]![0] === 'D')),
      );
    }
  }

  /** All that a source holds, compared with what the member knows. */
  private async walk(target: Member, sources: readonly Member[], source: Member): Promise<void> {
    for (let cursor = '0'; ;) {
      const [next, ...ids] = (await this.need(source, `K${cursor} ${copyMax}`)) as string[];
      await this.bring(target, sources, ids);
      if (next === '0') return;
      cursor = next!;
    }
  }

  /** Some of what a member holds, whatever its age: acks that it missed while it was away. */
  private async scrub(target: Member, sources: readonly Member[]): Promise<void> {
    const cursor = this.cursors.get(target) ?? '0';
    const [next, ...ids] = (await this.need(target, `K${cursor} ${scrubMax}`)) as string[];
    this.cursors.set(target, next!);
    if (ids.length > 0) await this.dropDone(target, sources, ids);
  }

  private async spread(target: Member, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.need(target, `E${ids.map((id) => `${id} `).join('')}`, true);
  }

  private ask(member: Member, text: string): Promise<unknown> {
    return this.requests.askUpkeep(member, text);
  }

  /** @throws Error when the member gives no answer */
  private async need(member: Member, text: string, isMessages = false): Promise<unknown> {
    const answer = isMessages ? await this.requests.ask(member, text) : await this.ask(member, text);
    if (answer === undefined || (Array.isArray(answer) && answer[0] === 'FAILED')) {
      throw new Error(`${member.name} does not answer`);
    }
    return answer;
  }
}

/** A lease is a member's own vote: what is leased elsewhere rests here until that ends. */
function healText(id: string, [word, ms = '0', , , state = '', record = '']: readonly string[]): string {
  const where = word === 'L' ? 'Y' : word;
  const kept = word === 'L' ? state.replace(/^(\d+ \d+) L \S+/, '$1 N -') : state;
  return `${id} ${where} ${ms} ${Buffer.byteLength(kept)} ${Buffer.byteLength(record)} ${kept}${record}`;
}
