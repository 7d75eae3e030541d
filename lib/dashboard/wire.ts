import type { LockHolder, LockMode } from '../lock/lock.js';
import type { QueueSize } from '../queue/queue.js';
import type { GroupStatus, MemberStatus } from '../quorum/group-status.js';

export type { GroupStatus, MemberStatus };

// What the page and the application say to each other, as JSON. The page's code shares what stands here and nothing else.

/** First message of a stream. */
export interface Hello {
  readonly group: string;
  /** All groups that the dashboard shows. */
  readonly groups: readonly string[];
  readonly actions: boolean;
  readonly values: boolean;
  /** ms between two looks at the members. */
  readonly interval: number;
  /** The latest events, the oldest first. */
  readonly events: readonly LoggedEvent[];
}

/** One line of the event log. */
export interface LoggedEvent {
  /** Counts up; not from the start when there were more than are kept. */
  readonly id: number;
  /** ms since 1970. */
  readonly at: number;
  readonly level: 'good' | 'info' | 'warning' | 'bad';
  readonly text: string;
}

/** A list that may have more entries than are shown, or could not be read. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
  /** How many there are, where that is known. */
  readonly total?: number;
  /** Why it is not known; `items` is empty then. */
  readonly error?: string;
  /** ms after which the search was given up, before all was looked through. */
  readonly searchedFor?: number;
  /** ms since the search that found these: what came since is not among them. Absent when they were found just now. */
  readonly age?: number;
}

/** One lock that is held. */
export interface LockView {
  readonly key: string;
  readonly mode: LockMode;
  readonly token: number;
  /** The first of them; a shared lock may have any number. */
  readonly holders: readonly LockHolder[];
  readonly holderCount: number;
  /** ms until the last of all leases ends. */
  readonly remaining: number;
  readonly waiting: number;
}

/** One queue. */
export interface QueueView {
  readonly name: string;
  readonly isPaused: boolean;
  readonly size: QueueSize;
  /** What the plots show of this look. */
  readonly point: QueuePoint;
}

/** One look at a queue, for plots. */
export interface QueuePoint {
  /** ms since 1970. */
  readonly at: number;
  /** Messages per second since the look before; null for the first look after a pause. */
  readonly putRate: number | null;
  readonly doneRate: number | null;
  /** ms since the message that comes next was put; null when none is ready. */
  readonly headAge: number | null;
  /** Messages that are not settled. */
  readonly backlog: number;
}

/** One value of the key-value store. */
export interface KeyView {
  readonly key: string;
  readonly version: number;
  /** ms since 1970, or null. */
  readonly expiresAt: number | null;
  /** Absent unless values may be shown. */
  readonly value?: ShownValue;
}

/** A value or body as text. */
export interface ShownValue {
  readonly text: string;
  /** Whether it is longer than what is shown. */
  readonly isCut: boolean;
}

/** One dead letter. */
export interface DeadLetterView {
  readonly id: string;
  readonly attempts: number;
  readonly reason: string;
  /** ms since 1970. */
  readonly diedAt: number;
  /** Absent unless values may be shown. */
  readonly body?: ShownValue;
}

/** What an action answers: how many it was about. */
export interface ActionResult {
  readonly count: number;
}

/** The messages of a stream by their event names. */
export interface StreamMessages {
  readonly hello: Hello;
  readonly status: GroupStatus;
  readonly event: LoggedEvent;
  readonly locks: Listed<LockView>;
  readonly queues: Listed<QueueView>;
}

/** The header that every action carries: another site's page cannot send it without being asked for leave. */
export const actionHeader = 'x-majority-dashboard';

/** Dead letters of one answer, and of one page. */
export const deadLettersMax = 50;
