import type { Member } from '../member/member.js';
import type { Grant } from './held-lock.js';
import { validityOf } from '../quorum/validity.js';
import type { Group } from '../quorum/group.js';

/** ms of the lease with which members hand a lock over: a waiter that hangs costs the others no more than a lapsed turn. */
export const handedLease = 500;
/** ms a waiter may have waited for a lock to be handed to it: its validity counts from when it came. */
const waitedMax = 150;

/** Who stands behind a waiter that was called. */
export interface NextInLine {
  readonly holder: string;
  readonly channel: string;
  /** `clock.now()` at which it came, by what home said. */
  readonly since: number;
}

/** What home says to a waiter whose turn it is, or a member that handed it the lock: and who stands behind it. */
export type Call = { readonly token: number; readonly next: NextInLine | undefined } & (
  | { readonly word: 'turn' }
  | {
      readonly word: 'handed';
      /** ms of the lease that the member gave. */
      readonly lease: number;
    }
);
export type Handed = Call & { readonly word: 'handed' };

/** @param text a message to a waiter's inbox: `turn token` or `handed token lease`, then who stands behind it, if anybody does */
export function parseCall(text: string, now: number): Call | undefined {
  const [word, token, ...rest] = text.split(' ');
  if (word === 'turn') return { word, token: Number(token), next: nextIn(rest, now) };
  if (word !== 'handed') return undefined;
  const [lease, ...behind] = rest;
  return { word, token: Number(token), lease: Number(lease), next: nextIn(behind, now) };
}

function nextIn([holder, mode, channel, waited]: readonly string[], now: number): NextInLine | undefined {
  return holder && channel && mode === 'exclusive' ? { holder, channel, since: now - Number(waited) } : undefined;
}

/** Whether the waiter would still have most of its validity. */
export function mayBeHanded({ since }: NextInLine, now: number): boolean {
  return now - since < waitedMax;
}

/**
 * The votes that members gave a waiter by handing the lock over to it. They gave them after it had come, as whoever let
 * go knew it from the line: so its validity counts from then (safeguard S34).
 *
 * @see docs/protocols/lock.md#handing-over
 */
export class HandedVotes {
  private readonly members = new Set<Member>();
  private last: Handed | undefined;
  /** Who stands behind, once home has told. */
  next: NextInLine | undefined;

  constructor(
    private readonly group: Group,
    /** `clock.now()` when it first asked home under this name. */
    private readonly cameAt: number,
  ) {}

  /** The token of those that came; undefined while there is none. */
  get token(): number | undefined {
    return this.last?.token;
  }

  note(member: Member, handed: Handed): void {
    // votes for one token count together
    if (handed.token !== this.last?.token) this.members.clear();
    this.last = handed;
    this.next = handed.next ?? this.next;
    this.members.add(member);
  }

  /** The lock, once a quorum handed it over and half of its validity is left (S05: and no vote is too old to be counted). */
  grant(): Omit<Grant, 'isContended'> | undefined {
    const { group, last, cameAt } = this;
    if (!last || this.members.size < group.quorum) return undefined;
    const validity = validityOf(last.lease);
    if (group.now() - cameAt > Math.min(validity / 2, group.maxOperationTime)) return undefined;
    const { token } = last;
    return { token, askedAt: cameAt, validUntil: cameAt + validity, isBrief: true, behind: this };
  }
}
