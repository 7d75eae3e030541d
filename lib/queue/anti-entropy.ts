import type { Member } from '../member/member.js';
import type { Timer } from '../runtime/clock.js';
import { redrivesOf } from './message-attempts.js';
import { putWindowUs } from './put-window.js';
import type { QueueRequests } from './queue-requests.js';

/** Ids that are compared in one request, and in one round. */
const pageMax = 1000;
const roundMax = 50_000;
/** Part of the interval after which a round goes on that could not see all: more is done than one round compares. */
const behindPart = 1 / 20;
/** Messages that are copied in one request; some fewer when they are large. */
const copyMax = 200;
/** Messages that are checked in each round besides, and dead letters. */
const scrubMax = 200;
/** µs that the floor of a queue which nobody uses may lie behind. */
const idleLag = 60_000_000;

/** What one member said is live in a span of creation times. */
interface Listing {
  readonly live: ReadonlySet<string>;
  readonly floor: number;
  /** Up to where it was read, µs. */
  readonly end: number;
  /** Whether there was anything, live or done. */
  readonly hadAny: boolean;
}

/** What a member tells of a message: see `tell.lua`. */
type Told = readonly string[];

/**
 * Compares members in the background, so that every message ends up on all of them and tombstones go. One client at a
 * time does it for a member; two at once do no harm.
 *
 * @see docs/protocols/queue.md#anti-entropy
 */
export class AntiEntropy {
  private timer: Timer | undefined;
  private isClosed = false;
  private running: Promise<void> = Promise.resolve();
  private readonly cursors = new Map<Member, string>();
  private readonly deadOffsets = new Map<Member, number>();

  constructor(
    private readonly requests: QueueRequests,
    /** ms */
    private readonly interval: number,
  ) {}

  start(): void {
    this.schedule(this.interval);
  }

  private schedule(interval: number): void {
    const { clock, random } = this.requests.group;
    this.timer = clock.schedule(
      interval * (0.75 + random.fraction() / 2),
      () => {
        this.running = this.round().then((isBehind) => {
          if (!this.isClosed) this.schedule(isBehind ? this.interval * behindPart : this.interval);
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

  /** All members that vote, one after the other. @returns whether one of them had more than a round compares */
  async round(): Promise<boolean> {
    const { group, name } = this.requests;
    let isBehind = false;
    for (const member of group.members) {
      if (this.isClosed || member.state !== 'voting') continue;
      const others = group.homesOf(name).filter((other) => other !== member);
      // together with the member they are a quorum: any decision is known to one of them
      const sources = others.slice(0, group.quorum - 1);
      if (sources.length < group.quorum - 1) continue;
      try {
        if ((await this.need(member, `O${group.clientId} ${2 * this.interval}`)) !== 'A') continue;
        if (await this.advance(member, sources)) isBehind = true;
        await this.redriveDead(member, sources);
        await this.scrub(member, others);
      } catch {
        // a member failed meanwhile: nothing was decided, the next round tells
      }
    }
    return isBehind;
  }

  /**
   * Raises the floor of a member as far as it holds, or is given here, all that is live below.
   *
   * @returns whether there is more than was looked at
   */
  private async advance(target: Member, sources: readonly Member[]): Promise<boolean> {
    const members = [target, ...sources];
    const times = await Promise.all(members.map(async (member) => Number(await this.need(member, 'T'))));
    const to = Math.max(0, Math.min(...times) - putWindowUs(this.requests.group));
    const own = await this.list(target, to, '-');
    const others: Listing[] = [];
    for (const source of sources) others.push(await this.list(source, to, String(own.floor)));
    const end = Math.min(to, own.end, ...others.map((listing) => listing.end));
    const missing = new Set<string>();
    for (const { live } of others) for (const id of live) if (!own.live.has(id)) missing.add(id);
    await this.bring(target, sources, [...missing]);
    const doubtful = [...own.live].filter((id) => !others.every(({ live }) => live.has(id)));
    await this.dropDone(target, sources, doubtful);
    if (!own.hadAny && others.every(({ hadAny }) => !hadAny) && end - own.floor < idleLag) return false;
    while ((await this.need(target, `B${end}`)) === 'M');
    return end < to;
  }

  /** What a member holds that was created since the floor of the member to be advanced. */
  private async list(member: Member, to: number, since: string): Promise<Listing> {
    const live = new Set<string>();
    let count = 0;
    for (let from = since; ;) {
      const request = `Z${to} ${from} ${pageMax} ${this.requests.name}`;
      const [floor, next, looked, ...ids] = (await this.need(member, request)) as [string, string, string, ...string[]];
      for (const id of ids) live.add(id);
      count += Number(looked);
      if (next === '' || count >= roundMax) {
        return { live, floor: Number(floor), end: next === '' ? to : Number(next), hadAny: count > 0 };
      }
      from = next;
    }
  }

  /** Gives a member what it does not know; what is done anywhere is done there too. */
  private async bring(target: Member, sources: readonly Member[], ids: readonly string[]): Promise<void> {
    for (const page of pagesOf(ids, pageMax)) {
      const own = await this.look(target, page);
      const told = await Promise.all(sources.map((source) => this.look(source, page)));
      const isDone = page.map((_, index) => told.some((answers) => answers[index]![0] === 'D'));
      await this.spread(
        target,
        page.filter((_, index) => isDone[index]),
      );
      for (const [at, source] of sources.entries()) {
        // from the first one that has it
        const first = (index: number): boolean => told.findIndex((answers) => isLive(answers[index]!)) === at;
        const wanted = page.filter((_, index) => own[index]![0] === 'U' && !isDone[index] && first(index));
        await this.copy(target, source, wanted);
      }
    }
  }

  private async copy(target: Member, source: Member, ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length;) {
      const page = ids.slice(at, at + copyMax);
      const told = (await this.need(source, `C${listOf(page)}`)) as Told[];
      const texts = told.map((one, index) => (isLive(one) ? healText(page[index]!, one) : ''));
      await this.spread(
        target,
        page.filter((_, index) => told[index]?.[0] === 'D'),
      );
      if (texts.some((text) => text !== '')) await this.needMessages(target, `H${texts.join('')}`);
      at += told.length;
    }
  }

  /** Drops what a member holds though it is done: done on any source is done. */
  private async dropDone(target: Member, sources: readonly Member[], ids: readonly string[]): Promise<void> {
    for (const page of pagesOf(ids, pageMax)) {
      const told = await Promise.all(sources.map((source) => this.look(source, page)));
      await this.spread(
        target,
        page.filter((_, index) => told.some((answers) => answers[index]![0] === 'D')),
      );
    }
  }

  /** Dead letters of a member that were redriven while it was away: it would keep them from being leased while it is home. */
  private async redriveDead(target: Member, sources: readonly Member[]): Promise<void> {
    const offset = this.deadOffsets.get(target) ?? 0;
    const page = (await this.need(target, `W${offset} ${scrubMax}`)) as string[];
    const ids = page.filter((_, index) => index % 2 === 0);
    this.deadOffsets.set(target, ids.length < scrubMax ? 0 : offset + scrubMax);
    if (ids.length === 0) return;
    const own = await this.look(target, ids);
    for (const source of sources) {
      const told = await this.look(source, ids);
      const redrives = (one: Told): number => redrivesOf(Number(one[3]));
      const later = ids.filter((_, index) => isLive(told[index]!) && redrives(told[index]!) > redrives(own[index]!));
      await this.copy(target, source, later);
    }
  }

  /**
   * Some of what a member holds, whatever its age: acks that it missed while it was away. All others are asked: an ack
   * that only one member got would else never come to those that have each other for sources.
   */
  private async scrub(target: Member, others: readonly Member[]): Promise<void> {
    const cursor = this.cursors.get(target) ?? '0';
    const [next, ...ids] = (await this.need(target, `K${cursor} ${scrubMax}`)) as [string, ...string[]];
    this.cursors.set(target, next);
    await this.dropDone(target, others, ids);
  }

  private async spread(target: Member, ids: readonly string[]): Promise<void> {
    // what is leased there meanwhile is looked at again in a later round
    if (ids.length > 0) await this.needMessages(target, `D${ids.map((id) => `${id} - `).join('')}`);
  }

  private async look(member: Member, ids: readonly string[]): Promise<readonly Told[]> {
    return (await this.need(member, `Q${listOf(ids)}`)) as Told[];
  }

  /** @throws Error when the member gives no answer */
  private async need(member: Member, text: string): Promise<unknown> {
    return answerOf(member, await this.requests.askUpkeep(member, text));
  }

  private async needMessages(member: Member, text: string): Promise<unknown> {
    return answerOf(member, await this.requests.ask(member, text));
  }
}

function answerOf(member: Member, answer: unknown): unknown {
  if (answer === undefined) throw new Error(`${member.name} does not answer`);
  return answer;
}

function isLive([word]: Told): boolean {
  return word !== 'D' && word !== 'U';
}

function listOf(ids: readonly string[]): string {
  return ids.map((id) => `${id} `).join('');
}

function* pagesOf(ids: readonly string[], most: number): Generator<readonly string[]> {
  for (let at = 0; at < ids.length; at += most) yield ids.slice(at, at + most);
}

/**
 * A lease is a member's own vote: what is leased elsewhere rests here until that ends. Its token counts but one, so that
 * its holder is not refused here when it extends.
 */
function healText(id: string, [word, ms = '0', , , state = '', record = '']: Told): string {
  const where = word === 'L' ? 'Y' : word;
  const kept =
    word === 'L'
      ? state.replace(
          /^(\d+) (\d+) L \S+/,
          (_, token: string, counted: string) => `${Number(token) - 1} ${counted} N -`,
        )
      : state;
  return `${id} ${where} ${ms} ${Buffer.byteLength(kept)} ${Buffer.byteLength(record)} ${kept}${record}`;
}
