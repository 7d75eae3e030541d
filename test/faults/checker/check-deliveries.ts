import type { QueueDeed } from '../history/queue-history.js';

interface Put {
  readonly put: string;
  readonly group: string | undefined;
  readonly isOrdered: boolean;
  readonly calledAt: number;
  readonly dueAt: number;
  readonly isOnce: boolean;
  storedAt: number | undefined;
  isDuplicate: boolean;
}

interface Holding {
  readonly delivery: string;
  readonly key: string;
  readonly token: number;
  readonly from: number;
  /** Up to when it is known to have been held. */
  until: number;
  ackAt: number;
  ackedAt: number;
  rejectAt: number;
  /** Before which its next attempt must not begin. */
  dueAt: number;
  isGivenBack: boolean;
  /** Whether dead letters had been put back before it came. */
  readonly mayBeRedriven: boolean;
}

/** One message, by its caller's id or its put. */
interface Story {
  readonly key: string;
  readonly puts: Put[];
  /** In the order in which they began. */
  readonly holdings: Holding[];
}

/**
 * What a drained queue must not show: a stored message that nobody acknowledged or that was acknowledged twice, two
 * holders at once of a message or a group, a delivery after a good ack, after its only attempt, before it or its next
 * attempt was due, tokens that do not grow, two messages for one caller's id.
 *
 * A message is held from a delivery until the last moment at which its holder said so before it settled it: a process
 * that died or was stopped says nothing. An ack whose outcome is not known may have been accepted.
 *
 * @param deeds of all processes, in their order
 * @returns one line a violation; none when all is well
 */
export function checkDeliveries(deeds: readonly QueueDeed[]): string[] {
  const { stories, faults } = read(deeds);
  const all = [...stories.values()];
  const groups = [...groupsOf(all)].flatMap(([group, members]) => checkOverlaps(group, inOrder(members)));
  return [...faults, ...all.flatMap(checkStory), ...groups];
}

/**
 * Where a message was delivered though one of its group that was stored before it was put is not settled.
 *
 * @returns one line a message; none when all is well
 */
export function checkGroupOrder(deeds: readonly QueueDeed[]): string[] {
  return [...groupsOf([...read(deeds).stories.values()])].flatMap(([group, members]) => checkOrder(group, members));
}

/** How much a history tells: what was stored, delivered and acknowledged, how often. */
export function countDeeds(deeds: readonly QueueDeed[]): Record<QueueDeed['kind'], number> {
  const counts = {
    put: 0,
    stored: 0,
    delivery: 0,
    held: 0,
    ack: 0,
    acked: 0,
    nacked: 0,
    reject: 0,
    'given back': 0,
    redrive: 0,
    fault: 0,
  };
  for (const { kind } of deeds) counts[kind] += 1;
  return counts;
}

function read(deeds: readonly QueueDeed[]): { stories: Map<string, Story>; faults: string[] } {
  const stories = new Map<string, Story>();
  const puts = new Map<string, Put>();
  const holdings = new Map<string, Holding>();
  const faults: string[] = [];
  let mayBeRedriven = false;
  const storyOf = (key: string): Story => {
    const story = stories.get(key) ?? { key, puts: [], holdings: [] };
    stories.set(key, story);
    return story;
  };
  for (const deed of deeds) {
    const { at } = deed;
    switch (deed.kind) {
      case 'put': {
        const { put, group, isOrdered, dueAt = at, isOnce = false } = deed;
        const unknown = { storedAt: undefined, isDuplicate: false };
        puts.set(put, { put, group, isOrdered, calledAt: at, dueAt, isOnce, ...unknown });
        storyOf(deed.key).puts.push(puts.get(put)!);
        break;
      }
      case 'stored':
        Object.assign(puts.get(deed.put)!, { storedAt: at, isDuplicate: deed.isDuplicate });
        break;
      case 'delivery': {
        const { delivery, key, token } = deed;
        const ends = {
          until: at,
          ackAt: Infinity,
          ackedAt: Infinity,
          rejectAt: Infinity,
          dueAt: -Infinity,
          isGivenBack: false,
        };
        holdings.set(delivery, { delivery, key, token, from: at, mayBeRedriven, ...ends });
        storyOf(key).holdings.push(holdings.get(delivery)!);
        break;
      }
      case 'held':
        holdings.get(deed.delivery)!.until = at;
        break;
      case 'ack':
        holdings.get(deed.delivery)!.ackAt = at;
        break;
      case 'acked':
        holdings.get(deed.delivery)!.ackedAt = at;
        break;
      case 'nacked':
        holdings.get(deed.delivery)!.dueAt = deed.dueAt;
        break;
      case 'given back':
        holdings.get(deed.delivery)!.isGivenBack = true;
        break;
      case 'redrive':
        mayBeRedriven = true;
        break;
      case 'reject':
        holdings.get(deed.delivery)!.rejectAt = at;
        break;
      case 'fault':
        faults.push(deed.what);
    }
  }
  return { stories, faults };
}

function checkStory(story: Story): string[] {
  const { key, puts, holdings } = story;
  const violations: string[] = [];
  const object = (what: string): void => void violations.push(`${key}: ${what}`);
  const acks = holdings.filter(({ ackedAt }) => ackedAt < Infinity);
  if (puts.length === 0) object('delivered, and nobody put it');
  if (acks.length > 1) object(`acknowledged ${acks.length} times: ${names(acks)}`);
  if (puts.some(({ storedAt }) => storedAt !== undefined) && !holdings.some(({ ackAt }) => ackAt < Infinity)) {
    object(`stored, delivered ${holdings.length} times and acknowledged by nobody`);
  }
  const originals = puts.filter(({ storedAt, isDuplicate }) => storedAt !== undefined && !isDuplicate);
  if (originals.length > 1) object(`${originals.length} puts were told that theirs is the message`);
  holdings.forEach((one, index) => {
    const before = holdings[index - 1];
    if (before && one.token <= before.token) {
      object(`token ${one.token} of ${one.delivery} is not above ${before.token} of ${before.delivery}`);
    }
    const ack = acks.find(({ ackedAt, token }) => one.from > ackedAt || one.token > token);
    if (ack) object(`delivered to ${one.delivery} after ${ack.delivery} had acknowledged it`);
  });
  return [...violations, ...checkAttempts(story), ...checkOverlaps(key, holdings)];
}

/** No delivery before the message, or its next attempt, is due; nor a second one where there may be one only. */
function checkAttempts({ key, puts, holdings }: Story): string[] {
  const violations: string[] = [];
  // puts under one id may want different things
  const isOnce = puts.every((put) => put.isOnce);
  let dueAt = puts.length > 0 ? Math.min(...puts.map((put) => put.dueAt)) : -Infinity;
  let spent: string | undefined;
  for (const { delivery, from, mayBeRedriven, isGivenBack, dueAt: nextDueAt } of holdings) {
    const early = dueAt - from;
    if (early > 0) violations.push(`${key}: delivered to ${delivery} ${early.toFixed(1)} ms before it was due`);
    if (isOnce && spent !== undefined && !mayBeRedriven) {
      violations.push(`${key}: delivered to ${delivery}, though ${spent} was its only attempt`);
    }
    dueAt = Math.max(dueAt, nextDueAt);
    if (!isGivenBack) spent ??= delivery;
  }
  return violations;
}

function checkOverlaps(what: string, holdings: readonly Holding[]): string[] {
  const violations: string[] = [];
  let longest: Holding | undefined;
  for (const one of holdings) {
    if (longest && one.from < longest.until) {
      const [ms, late] = [longest.until - one.from, one.from - longest.from].map((span) => span.toFixed(1));
      violations.push(`${what}: held by ${one.delivery} and ${longest.delivery} for ${ms} ms, from ${late} ms on`);
    }
    if (!longest || one.until > longest.until) longest = one;
  }
  return violations;
}

function groupsOf(stories: readonly Story[]): Map<string, Story[]> {
  const groups = new Map<string, Story[]>();
  for (const story of stories) {
    const group = story.puts[0]?.group;
    if (group === undefined) continue;
    const members = groups.get(group);
    if (members) members.push(story);
    else groups.set(group, [story]);
  }
  return groups;
}

function inOrder(stories: readonly Story[]): Holding[] {
  return stories.flatMap(({ holdings }) => holdings).sort((a, b) => a.from - b.from);
}

function checkOrder(group: string, stories: readonly Story[]): string[] {
  const ordered = stories
    .filter(({ puts }) => puts[0]!.isOrdered)
    .map(({ key, puts, holdings }) => ({
      key,
      calledAt: puts[0]!.calledAt,
      storedAt: puts[0]!.storedAt ?? Infinity,
      firstAt: Math.min(...holdings.map(({ from }) => from)),
      settledAt: Math.min(...holdings.map(({ ackAt, rejectAt }) => Math.min(ackAt, rejectAt))),
    }));
  const violations: string[] = [];
  for (const later of ordered) {
    const early = ordered.find(({ storedAt, settledAt }) => storedAt < later.calledAt && settledAt > later.firstAt);
    if (early) violations.push(`${group}: ${later.key} was delivered before ${early.key}, put earlier, was settled`);
  }
  return violations;
}

function names(holdings: readonly Holding[]): string {
  return holdings.map(({ delivery }) => delivery).join(' and ');
}
