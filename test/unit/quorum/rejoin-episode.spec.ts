import { describe, expect, it } from 'vitest';
import type { Member } from '../../../lib/member/member.js';
import type { Connection } from '../../../lib/member/transport.js';
import { GroupKeys } from '../../../lib/quorum/group-keys.js';
import { Episode } from '../../../lib/quorum/rejoin-episode.js';
import type { RestoreTask } from '../../../lib/quorum/restorer.js';
import { VirtualClock } from '../../support/virtual-clock.js';

const connection = () => ({ facts: { incarnation: 'run-1' } }) as unknown as Connection;

/** An episode with a member that is played by the test: it answers a call as told, or not at all. */
function create() {
  const clock = new VirtualClock();
  const asked: unknown[][] = [];
  const copies: string[] = [];
  const phases: string[] = [];
  const answers: (readonly string[] | undefined)[] = [];
  const member = {
    transport: { mayKeepPart: false },
    call: (_: unknown, __: unknown, args: unknown[]) => {
      asked.push(args);
      const answer = answers.shift();
      return answer ? Promise.resolve(answer) : Promise.reject(new Error('no reply in 500 ms'));
    },
  };
  let tickets = 0;
  const restorers = [{ restore: ({ ticket }: RestoreTask) => Promise.resolve(void copies.push(ticket)) }];
  const context = {
    keys: new GroupKeys('p'),
    clock,
    newTicket: () => `own.${++tickets}`,
    isOwnTicket: (ticket: string) => ticket.startsWith('own.'),
    restorers,
    leaseMax: 60_000,
  };
  const episode = new Episode(member as unknown as Member, connection(), context, (phase) => phases.push(phase));
  const hold = (...given: (readonly string[] | undefined)[]) => {
    answers.push(...given);
    return episode.holdTicket();
  };
  return { clock, episode, asked, answers, copies, phases, hold };
}

describe('an episode of a rejoin', () => {
  it('holds its ticket from the answer on, and renews it once a second', async () => {
    const { clock, episode, asked, hold } = create();
    await clock.advance(100);
    expect(await hold(['TAKEN'])).toBe('held');
    expect(episode.ticketSince).toBe(clock.now());
    await clock.advance(999);
    expect(await hold()).toBe('held');
    await clock.advance(1);
    expect(await hold(['TAKEN'])).toBe('held');
    expect(asked.map(([ticket, , what]) => [ticket, what])).toEqual([
      ['own.1', 'take'],
      ['own.1', 'renew'],
    ]);
    expect(episode.ticketSince).toBe(100);
  });

  it('goes on with its ticket after a broken connection, but under another name, as late calls come under that one (S36)', async () => {
    const { clock, episode, asked, answers, copies, hold } = create();
    await hold(['TAKEN']);
    const since = episode.ticketSince;
    await clock.advance(10);
    episode.resume(connection());
    expect(await hold(['TAKEN'])).toBe('held');
    expect(asked.at(-1)).toEqual(['own.2', 5000, 'renew', 'own.1']);
    expect(episode.ticketSince).toBe(since);
    answers.push(['VOTING']);
    expect(await episode.copyAndAdmit([], false)).toBe(true);
    expect(copies).toEqual(['own.2']);
    expect(asked.at(-1)).toEqual(['own.2']);
  });

  it('keeps its name while the connection stays', async () => {
    const { clock, episode, asked, hold } = create();
    await hold(['TAKEN']);
    episode.resume(episode.connection);
    await clock.advance(1000);
    await hold(['TAKEN']);
    expect(asked.at(-1)).toEqual(['own.1', 5000, 'renew', 'own.1']);
  });

  it('waits anew when the member does not know the ticket any more', async () => {
    const { clock, episode, hold } = create();
    await hold(['TAKEN']);
    await clock.advance(1000);
    expect(await hold(['LOST'])).toBe('missing');
    expect(episode.ticketSince).toBe(Infinity);
    await clock.advance(1000);
    await hold(['TAKEN']);
    expect(episode.ticketSince).toBe(2000);
  });

  it('keeps it while the member does not answer', async () => {
    const { clock, episode, hold } = create();
    await hold(['TAKEN']);
    await clock.advance(1000);
    expect(await hold(undefined)).toBe('missing');
    expect(episode.ticketSince).toBe(0);
  });

  it('gives up a ticket of its own that it does not know of, and leaves that of another', async () => {
    const { asked, phases, hold } = create();
    expect(await hold(['BUSY', 'own.0'], ['DROPPED'])).toBe('missing');
    expect(asked.at(-1)).toEqual(['own.0', 5000, 'drop', 'own.0']);
    expect(await hold(['BUSY', 'other.7'])).toBe('busy');
    expect(phases).toEqual(['another client brings it back']);
    expect(asked.map(([, , what]) => what)).toEqual(['take', 'drop', 'take']);
  });
});
