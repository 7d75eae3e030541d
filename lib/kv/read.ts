import { pause } from '../runtime/pause.js';
import { Change, type ChangeContext } from './change.js';
import { contentText, isExpired, nothing, parseAccepted, type Accepted } from './register.js';
import type { PhaseListener } from './register-requests.js';

/** ms that further answers are waited for before anything is written. */
const patience = 20;
const triesMax = 4;

/**
 * Reads a register: the newest value when a quorum holds it, which takes one round trip; otherwise it is given to a
 * quorum first, so that no later read finds an older one.
 *
 * @throws NoQuorumError
 * @see docs/protocols/kv.md#get
 */
export async function readRegister(context: ChangeContext, key: string): Promise<Accepted> {
  const { requests } = context;
  const { group } = requests;
  const deadline = group.now() + context.timeout;
  for (let tries = 0; tries < triesMax && group.now() < deadline; tries++) {
    const poll = new Poll(group.quorum);
    const fanOut = requests.read(key, poll);
    if ((await fanOut.verdict) !== 'granted') {
      throw group.noQuorum(`read of "${key}"`, requests.reports(fanOut));
    }
    if (!poll.isHeldByQuorum) await Promise.race([poll.agreed(), fanOut.complete, pause(group.clock, patience)]);
    const found = poll.newest();
    // an accept under that promise might be taken by some, and leave open what became of it
    context.cache.drop(key, found);
    if (poll.isHeldByQuorum || (await isGivenToQuorum(context, key, found))) return checkEnd(context, key, found);
    // another writer is at it
    await pause(group.clock, group.random.fraction() * 2 ** tries);
  }
  return settle(context, key);
}

/** By a ballot of one's own: against writers that never let a plain read through, and to end an expired value. */
async function settle(context: ChangeContext, key: string): Promise<Accepted> {
  const { result, version } = await new Change(context, key, (found) => ({ result: found })).run();
  return { ...result, version };
}

function checkEnd(context: ChangeContext, key: string, found: Accepted): Accepted | Promise<Accepted> {
  if (found.due === 0) return found;
  const nowMs = context.requests.group.clock.wallUs() / 1000;
  return isExpired(found, nowMs) ? settle(context, key) : found;
}

async function isGivenToQuorum({ requests }: ChangeContext, key: string, accepted: Accepted): Promise<boolean> {
  const content = contentText(accepted, accepted.version, accepted.history);
  return (await requests.writeBack(key, accepted.ballot, content).verdict) === 'granted';
}

const noBallot = '0'.repeat(16);

/** What the members told of a register so far: the newest of it, and how many hold that. */
class Poll implements PhaseListener {
  private text = '';
  private ballot = noBallot;
  private holders = 0;
  private onAgreed: (() => void) | undefined;

  constructor(private readonly quorum: number) {}

  get isHeldByQuorum(): boolean {
    return this.holders >= this.quorum;
  }

  onReply(_: number, text: string): void {
    // a register without a record is as old as can be
    const ballot = text === '' ? noBallot : text.slice(16, 32);
    if (ballot === this.ballot) this.holders += 1;
    else if (ballot > this.ballot) {
      this.text = text;
      this.ballot = ballot;
      this.holders = 1;
    }
    if (this.isHeldByQuorum) this.onAgreed?.();
  }

  onFailure(): void {
    // fewer can hold it: the verdict tells when too few do
  }

  newest(): Accepted {
    return this.text === '' ? nothing : parseAccepted(this.text.slice(16));
  }

  /** Resolves once a quorum holds the newest. */
  agreed(): Promise<void> {
    return new Promise((resolve) => {
      this.onAgreed = resolve;
    });
  }
}
