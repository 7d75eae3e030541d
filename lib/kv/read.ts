import type { FanOut } from '../quorum/fan-out.js';
import { pause } from '../runtime/pause.js';
import { Change, type ChangeContext } from './change.js';
import { contentText, isExpired, nothing, parseAccepted, type Accepted } from './register.js';

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
    const { fanOut, newest, isHeldByQuorum } = await ask(context, key);
    if ((await fanOut.verdict) !== 'granted') {
      throw group.noQuorum(`read of "${key}"`, requests.reports(fanOut));
    }
    const found = newest();
    if (isHeldByQuorum() || (await isGivenToQuorum(context, key, found))) return checkEnd(context, key, found);
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
  const nowMs = context.requests.group.clock.wallUs() / 1000;
  return isExpired(found, nowMs) ? settle(context, key) : found;
}

async function ask(
  context: ChangeContext,
  key: string,
): Promise<{ readonly fanOut: FanOut; newest(): Accepted; isHeldByQuorum(): boolean }> {
  const { requests } = context;
  const { group } = requests;
  let newestText = '';
  let holders = 0;
  let onAgreed!: () => void;
  const agreed = new Promise<void>((resolve) => {
    onAgreed = resolve;
  });
  const isHeldByQuorum = (): boolean => holders >= group.quorum;
  const fanOut = requests.read(key, {
    onReply: (_, reply) => {
      const order = compareBallots(reply, newestText);
      if (order > 0) {
        newestText = reply;
        holders = 1;
      } else if (order === 0) holders += 1;
      if (isHeldByQuorum()) onAgreed();
    },
    onFailure: () => undefined,
  });
  const verdict = await fanOut.verdict;
  if (verdict === 'granted' && !isHeldByQuorum()) {
    await Promise.race([agreed, fanOut.complete, pause(group.clock, patience)]);
  }
  return { fanOut, newest: () => (newestText === '' ? nothing : parseAccepted(newestText)), isHeldByQuorum };
}

/** Texts begin with the accepted ballot in 16 digits; a register without one is as old as can be. */
function compareBallots(a: string, b: string): number {
  const [left, right] = [a.slice(0, 16), b.slice(0, 16)].map((text) => (text === '' ? '0'.repeat(16) : text));
  return left! < right! ? -1 : left! > right! ? 1 : 0;
}

async function isGivenToQuorum({ requests }: ChangeContext, key: string, accepted: Accepted): Promise<boolean> {
  const content = contentText(accepted, accepted.version, accepted.history);
  return (await requests.writeBack(key, accepted.ballot, content).verdict) === 'granted';
}
