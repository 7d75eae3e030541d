import type { Member } from '../member/member.js';
import type { FanOut } from '../quorum/fan-out.js';
import type { QuorumChoice } from '../quorum/preferred-quorum.js';
import type { Grant } from './held-lock.js';
import type { Approach, Claim, LockRequests } from './lock-requests.js';
import { parseGrant } from './lock-votes.js';
import { validityOf } from '../quorum/validity.js';

/** How often a token that members found too low, or a wrong clock, is mended before giving up. */
const mendMax = 4;

/** What became of one round of asking the members. Unless granted, votes may be left: see `abandon`. */
export type AttemptResult =
  | (Grant & { readonly kind: 'granted'; readonly claim: Claim })
  | {
      readonly kind: 'refused';
      readonly fanOut: FanOut;
      /** Indexes of keys that members refused. */
      readonly refused: readonly number[];
      /** ms until a quorum may be free. */
      readonly waitMs: number;
      /** Whether some member would have granted: votes were split, or there is only a line and no holder. */
      readonly isSplit: boolean;
    }
  | { readonly kind: 'no-quorum'; readonly fanOut: FanOut };

/**
 * Asks the members once for all keys of a claim, with a token above those of earlier holders.
 *
 * @param choice who is asked first, the others if that does not decide; all at once when there is none
 * @see docs/protocols/lock.md#acquire
 */
export function attempt(
  requests: LockRequests,
  claim: Claim,
  ttl: number,
  lease: number,
  approach: Approach,
  choice?: QuorumChoice<Member>,
  mends = 0,
): Promise<AttemptResult> {
  const token = requests.group.hybridClock.next();
  const fanOut = requests.grant(claim, token, lease, approach, choice);
  // one promise on the way of a lock that is free: what lives through the votes is what garbage collection costs
  return new Promise((resolve) => {
    fanOut.whenDecided((verdict) => {
      if (verdict !== 'granted') {
        const again =
          mends < mendMax ? () => attempt(requests, claim, ttl, lease, approach, undefined, mends + 1) : undefined;
        return resolve(mendOrRefuse(requests, fanOut, verdict, again));
      }
      const validUntil = fanOut.startedAt + validityOf(ttl);
      if (requests.group.now() >= validUntil) return resolve({ kind: 'no-quorum', fanOut });
      const { startedAt: askedAt } = fanOut;
      const asked = fanOut.hasAskedAll ? undefined : choice;
      resolve({ kind: 'granted', claim, token, askedAt, validUntil, isContended: approach.kind === 'turn', asked });
    });
  });
}

/** @param again asks once more, where that may still be done */
async function mendOrRefuse(
  requests: LockRequests,
  fanOut: FanOut,
  verdict: 'refused' | 'no-quorum',
  again: (() => Promise<AttemptResult>) | undefined,
): Promise<AttemptResult> {
  // what comes in the same turn tells more of whom to wait for
  await fanOut.verdict;
  const { group } = requests;
  const refusals = readRefusals(fanOut);
  mendClock(requests, refusals);
  // members that only found the token too low grant the next one
  const isMendable = refusals.mendable > 0 && refusals.busy.length <= group.groupSize - group.quorum;
  if (verdict === 'refused' && isMendable && again) return again();
  if (verdict === 'no-quorum') return { kind: 'no-quorum', fanOut };
  return {
    kind: 'refused',
    fanOut,
    refused: [...new Set(refusals.busy.flatMap(({ refused }) => refused))],
    waitMs: quorumWait(group.groupSize - group.quorum, refusals.busy),
    isSplit: refusals.grants > 0 || refusals.busy.some(({ isHeld }) => !isHeld),
  };
}

/** Lets go of whatever a failed attempt was granted, now or later. Nothing is sent when every member refused. */
export function abandon(requests: LockRequests, claim: Claim, result: AttemptResult): void {
  if (result.kind === 'granted') return;
  const { answers, hasAskedAll } = result.fanOut;
  // one that was never asked has nothing
  const mayHold = answers.some((answer) =>
    answer ? answer.kind !== 'reply' || answer.reply === 'GRANTED' : hasAskedAll,
  );
  if (mayHold) requests.release(claim, false);
}

interface Busy {
  readonly isHeld: boolean;
  readonly waitMs: number;
  readonly refused: readonly number[];
}

interface Refusals {
  grants: number;
  mendable: number;
  readonly busy: Busy[];
  readonly tokens: number[];
  readonly memberClocks: number[];
}

function readRefusals({ answers }: FanOut): Refusals {
  const refusals: Refusals = { grants: 0, mendable: 0, busy: [], tokens: [], memberClocks: [] };
  for (const answer of answers) {
    if (answer?.kind !== 'reply') continue;
    const reply = parseGrant(answer.reply);
    if (reply.word === 'GRANTED') refusals.grants += 1;
    else if (reply.word === 'HELD') refusals.busy.push({ isHeld: true, waitMs: reply.waitMs, refused: reply.refused });
    else if (reply.word === 'LINE') refusals.busy.push({ isHeld: false, waitMs: 0, refused: reply.refused });
    else {
      refusals.mendable += 1;
      if (reply.word === 'STALE') refusals.tokens.push(reply.token);
      else refusals.memberClocks.push(reply.memberUs);
    }
  }
  return refusals;
}

function mendClock({ group }: LockRequests, { tokens, memberClocks }: Refusals): void {
  for (const token of tokens) group.hybridClock.observe(token);
  // only when a quorum says so: a single member's clock may be the wrong one
  if (memberClocks.length >= group.quorum) {
    group.hybridClock.correct(memberClocks.sort((a, b) => a - b)[Math.floor(memberClocks.length / 2)]!);
  }
}

/** ms until so many of the busy members are free that a quorum can grant. */
function quorumWait(busyAllowed: number, busy: readonly Busy[]): number {
  const waits = busy.map(({ waitMs }) => waitMs).sort((a, b) => a - b);
  return waits[waits.length - 1 - busyAllowed] ?? 0;
}
