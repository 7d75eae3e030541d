import { describe, expect, it } from 'vitest';
import { Member } from '../../../lib/member/member.js';
import type { MemberState } from '../../../lib/member/member-state.js';
import type { VoteRequest, VotingScript } from '../../../lib/member/vote-request.js';
import { countingRandom } from '../../support/counting-random.js';
import { FakeConnection, FakeTransport } from '../../support/fake-transport.js';
import { VirtualClock } from '../../support/virtual-clock.js';

const script = { name: 'votes', source: '', sha: '' };
const votingScript: VotingScript = { script, header: ['header'] };
const limits = { requestTimeout: 500, probeTimeout: 1000, maxInFlight: 4, markerEnd: '' };

function create(fraction = 0.5) {
  const clock = new VirtualClock();
  const transport = new FakeTransport();
  const states: MemberState[] = [];
  const connected: unknown[] = [];
  const listener = {
    onConnected: (_: Member, connection: unknown) => connected.push(connection),
    onState: ({ state }: Member) => states.push(state),
  };
  const member = new Member(2, 'redis-3', transport, 'p:member', clock, countingRandom(fraction), limits, listener);
  return { clock, transport, member, states, connected };
}

type World = ReturnType<typeof create>;

/** A member that is connected and votes. */
async function createVoting(): Promise<World & { connection: FakeConnection }> {
  const world = create();
  world.member.open();
  const connection = await accept(world);
  world.member.admit(connection);
  world.states.length = 0;
  return { ...world, connection };
}

async function accept({ transport, clock }: World, connection = new FakeConnection()): Promise<FakeConnection> {
  transport.attempts.at(-1)!.succeed(connection);
  await clock.settle();
  return connection;
}

function request(key: string): VoteRequest & { answers: string[] } {
  const answers: string[] = [];
  return {
    votingScript,
    keys: [key],
    args: [`verb-${key}`],
    answers,
    sink: {
      onReply: (index, reply) => answers.push(`${index} replied ${String(reply)}`),
      onFailure: (index, said) => answers.push(`${index} failed: ${said}`),
    },
  };
}

async function submit({ member, clock }: World, key: string) {
  const vote = request(key);
  member.submit(vote);
  await clock.settle();
  return vote;
}

describe('a member', () => {
  it('is down until it is connected, and does not vote before it is admitted', async () => {
    const world = create();
    expect(world.member.state).toBe('down');
    world.member.open();
    expect(world.transport.attempts[0]!.timeout).toBe(1000);
    const connection = await accept(world);
    expect(world.connected).toEqual([connection]);
    expect(world.member.state).toBe('rejoining');
    expect((await submit(world, 'a')).answers).toEqual(['2 failed: rejoining']);
    expect(connection.calls).toHaveLength(0);
    world.member.admit(connection);
    expect(world.member.state).toBe('voting');
    expect(world.member.reason).toBe('');
    expect(world.member.incarnation).toBe('run-1');
    expect(world.states).toEqual(['voting']);
  });

  it('sends the marker, the incarnation and the header before the requests of a batch', async () => {
    const { clock, member, connection } = await createVoting();
    member.submit(request('a'));
    member.submit(request('b'));
    await clock.settle();
    expect(connection.calls).toHaveLength(1);
    expect(connection.lastCall.keys).toEqual(['mapped:p:member', 'mapped:a', 'mapped:b']);
    expect(connection.lastCall.args).toEqual(['run-1', 'header', 'verb-a', 'verb-b']);
  });

  it('hands each request of a batch its own answer', async () => {
    const { clock, member, connection } = await createVoting();
    const [a, b] = [request('a'), request('b')];
    member.submit(a);
    member.submit(b);
    await clock.settle();
    expect(member.pendingRequests).toBe(2);
    connection.lastCall.reply(['YES', 'NO']);
    await clock.settle();
    expect([a.answers, b.answers]).toEqual([['2 replied YES'], ['2 replied NO']]);
    expect(member.pendingRequests).toBe(0);
  });

  it('never answers a request before submit() has returned', async () => {
    const { member, clock } = create();
    const vote = request('a');
    member.submit(vote);
    expect(vote.answers).toEqual([]);
    await clock.settle();
    expect(vote.answers).toEqual(['2 failed: down']);
  });

  it('is suspect when it does not answer in requestTimeout: all that is out fails, the socket is closed', async () => {
    const world = await createVoting();
    const [a, b] = [await submit(world, 'a'), await submit(world, 'b')];
    const gathered = request('c');
    world.member.submit(gathered);
    await world.clock.advance(502);
    expect(world.member.state).toBe('suspect');
    expect(world.member.reason).toBe('no reply in 500 ms');
    expect(a.answers).toEqual(['2 failed: no reply in 500 ms']);
    expect(b.answers).toEqual(['2 failed: no reply in 500 ms']);
    expect(gathered.answers).toHaveLength(1);
    expect(world.connection.isClosed).toBe(true);
    expect(world.states).toEqual(['suspect']);
    expect(world.member.pendingRequests).toBe(0);
  });

  it('fails requests at once while it is suspect', async () => {
    const world = await createVoting();
    await submit(world, 'a');
    await world.clock.advance(502);
    const before = world.clock.now();
    const vote = await submit(world, 'b');
    expect(vote.answers).toEqual(['2 failed: suspect']);
    expect(world.clock.now()).toBe(before);
    expect(world.connection.calls).toHaveLength(1);
  });

  it('is probed while it is suspect, and votes again only when it is admitted through the new connection', async () => {
    const world = await createVoting();
    await submit(world, 'a');
    await world.clock.advance(502 + 25);
    expect(world.transport.attempts).toHaveLength(2);
    const second = await accept(world, new FakeConnection('run-1'));
    expect(world.member.state).toBe('rejoining');
    world.member.admit(world.connection);
    expect(world.member.state).toBe('rejoining');
    world.member.admit(second);
    expect(world.member.state).toBe('voting');
  });

  it('stays suspect while probes time out, and is down when the connection is refused', async () => {
    const world = await createVoting();
    await submit(world, 'a');
    await world.clock.advance(502 + 25);
    world.transport.attempts.at(-1)!.fail('no connection in 1000 ms');
    await world.clock.settle();
    expect(world.member.state).toBe('suspect');
    await world.clock.advance(1000);
    world.transport.attempts.at(-1)!.fail('connect ECONNREFUSED');
    await world.clock.settle();
    expect(world.member.state).toBe('down');
    expect(world.member.reason).toBe('connect ECONNREFUSED');
  });

  it('waits longer after each failed attempt, up to a second, and never gives up', async () => {
    const { clock, member, transport } = create(1);
    member.open();
    const delays: number[] = [];
    for (let i = 0; i < 12; i++) {
      transport.attempts.at(-1)!.fail('connect ECONNREFUSED');
      await clock.settle();
      const failedAt = clock.now();
      while (transport.attempts.length === i + 1) await clock.advance(1);
      delays.push(clock.now() - failedAt);
    }
    expect(delays.slice(0, 6)).toEqual([50, 100, 200, 400, 800, 1000]);
    expect(Math.max(...delays)).toBe(1000);
  });

  it('waits longer each time when it is rejected right after it connected, as with a missing permission', async () => {
    const world = create(1);
    world.member.open();
    const delays: number[] = [];
    for (let i = 0; i < 8; i++) {
      const connection = await accept(world);
      world.member.reject(connection, 'DEL: NOPERM');
      const rejectedAt = world.clock.now();
      while (world.transport.attempts.length === i + 1) await world.clock.advance(1);
      delays.push(world.clock.now() - rejectedAt);
    }
    expect(Math.max(...delays)).toBe(1000);
  });

  it('fails a request at once when maxInFlight are gathered and out', async () => {
    const world = await createVoting();
    const votes = ['a', 'b', 'c', 'd'].map(request);
    for (const vote of votes) world.member.submit(vote);
    const tooMany = await submit(world, 'e');
    expect(tooMany.answers).toEqual(['2 failed: busy (4 requests in flight)']);
    world.connection.lastCall.reply(['1', '2', '3', '4']);
    await world.clock.settle();
    expect(votes.map(({ answers }) => answers)).toEqual(['1', '2', '3', '4'].map((reply) => [`2 replied ${reply}`]));
    expect((await submit(world, 'f')).answers).toEqual([]);
    expect(world.connection.calls).toHaveLength(2);
  });

  it('fails requests past a tenth of maxInFlight while nothing is answered, before it is suspect', async () => {
    const world = await createVoting();
    const first = await submit(world, 'a');
    await world.clock.advance(limits.requestTimeout * 0.2 + 1);
    const atOnce = await submit(world, 'b');
    expect(atOnce.answers).toEqual(['2 failed: busy (1 requests in flight)']);
    world.connection.lastCall.reply(['1']);
    await world.clock.settle();
    expect(first.answers).toEqual(['2 replied 1']);
    expect((await submit(world, 'c')).answers).toEqual([]);
  });

  it('does not vote any more once it answered REJOIN (S03)', async () => {
    const world = await createVoting();
    const vote = await submit(world, 'a');
    world.connection.lastCall.reply('REJOIN');
    await world.clock.settle();
    expect(vote.answers).toEqual(['2 failed: rejoining']);
    expect(world.member.state).toBe('rejoining');
    expect(world.states).toEqual(['rejoining']);
    expect(world.connection.isClosed).toBe(false);
    expect((await submit(world, 'b')).answers).toEqual(['2 failed: rejoining']);
    expect(world.connection.calls).toHaveLength(1);
  });

  it('ignores what an old connection answers, also REJOIN', async () => {
    const world = await createVoting();
    const vote = await submit(world, 'a');
    const late = world.connection.lastCall;
    world.transport.attempts.at(-1)!.end('connection reset');
    expect(vote.answers).toEqual(['2 failed: connection reset']);
    await world.clock.advance(50);
    world.member.admit(await accept(world));
    late.reply('REJOIN');
    await world.clock.settle();
    expect(vote.answers).toHaveLength(1);
    expect(world.member.state).toBe('voting');
  });

  it('ignores that an old connection ends, or is demoted or rejected', async () => {
    const world = await createVoting();
    const first = world.transport.attempts.at(-1)!;
    first.end('connection reset');
    await world.clock.advance(50);
    world.member.admit(await accept(world));
    first.end('again');
    world.member.demote(world.connection, 'it forgot');
    world.member.reject(world.connection, 'missing');
    expect(world.member.state).toBe('voting');
  });

  it('is down with the reason when its connection ends, and connects anew', async () => {
    const world = await createVoting();
    const vote = await submit(world, 'a');
    world.transport.attempts.at(-1)!.end('read ECONNRESET');
    expect(world.member.state).toBe('down');
    expect(world.member.reason).toBe('read ECONNRESET');
    expect(vote.answers).toHaveLength(1);
    expect(world.states).toEqual(['down']);
    await world.clock.advance(25);
    expect(world.transport.attempts).toHaveLength(2);
  });

  it.each([
    "READONLY You can't write against a read only replica.",
    'LOADING Redis is loading the dataset in memory',
    'MASTERDOWN Link with MASTER is down',
  ])('drops the connection when the server answers %s', async (message) => {
    const world = await createVoting();
    const vote = await submit(world, 'a');
    world.connection.lastCall.fail(message);
    await world.clock.settle();
    expect(vote.answers).toEqual([`2 failed: ${message}`]);
    expect(world.member.state).toBe('down');
    expect(world.connection.isClosed).toBe(true);
    await world.clock.advance(25);
    expect(world.transport.attempts).toHaveLength(2);
  });

  it.each(['MOVED 2540 10.0.0.2:6379', "READONLY You can't write against a read only replica."])(
    'drops the connection when the server answers %s while it does not vote, and waits longer each time',
    async (message) => {
      const world = create();
      world.member.open();
      for (const [delay, attempts] of [
        [37, 2],
        [74, 3],
      ] as const) {
        const connection = await accept(world);
        const looked = world.member.call(script, [], []);
        connection.lastCall.fail(message);
        await expect(looked).rejects.toThrow(message);
        await world.clock.settle();
        expect(world.member).toMatchObject({ state: 'down', reason: message });
        expect(connection.isClosed).toBe(true);
        await world.clock.advance(delay);
        expect(world.transport.attempts).toHaveLength(attempts - 1);
        await world.clock.advance(1);
        expect(world.transport.attempts).toHaveLength(attempts);
      }
    },
  );

  it('keeps the connection when a call fails with any other error', async () => {
    const world = await createVoting();
    const vote = await submit(world, 'a');
    world.connection.lastCall.fail('OOM command not allowed');
    await world.clock.settle();
    expect(vote.answers).toEqual(['2 failed: OOM command not allowed']);
    expect(world.member.state).toBe('voting');
    expect(world.connection.isClosed).toBe(false);
  });

  it.each([['two words'], [['one answer', 'too many']], [[]], [null]])(
    'takes %j for no vote where one answer was due',
    async (reply) => {
      const world = await createVoting();
      const vote = await submit(world, 'a');
      world.connection.lastCall.reply(reply);
      await world.clock.settle();
      expect(vote.answers).toEqual(['2 failed: an unreadable reply']);
      expect(world.member.pendingRequests).toBe(0);
    },
  );

  it('measures the round trip, smoothed', async () => {
    const world = await createVoting();
    expect(world.member.roundTripMs).toBeUndefined();
    for (const [elapsed, smoothed] of [
      [10, 10],
      [20, 11],
    ] as const) {
      await submit(world, 'a');
      await world.clock.advance(elapsed);
      world.connection.lastCall.reply(['YES']);
      await world.clock.settle();
      expect(world.member.roundTripMs).toBeCloseTo(smoothed);
    }
  });

  it('tells what cannot be mended by trying again', async () => {
    for (const [reason, isPermanent] of [
      ['WRONGPASS invalid username-password pair', true],
      ['NOAUTH Authentication required.', true],
      ["NOPERM this user has no permissions to run the 'eval' command", true],
      ["ZADD: ERR The user executing the script can't run this command or subcommand", true],
      ["PUBLISH: ERR The user executing the script can't publish to the channel mentioned in the command", true],
      ["SET: ERR The user executing the script can't access at least one of the keys mentioned", true],
      ["TIME: ERR ACL failure in script: User u has no permissions to run the 'time' command", true],
      ['ZMSCORE: ERR Unknown command called from script', true],
      ['ZMSCORE: ERR Unknown Redis command called from script', true],
      ['Redis 6.0.16 is too old: 6.2 or newer is needed, or Valkey', true],
      ['connect ECONNREFUSED', false],
      ['no connection in 1000 ms', false],
    ] as const) {
      const { clock, member, transport } = create();
      member.open();
      transport.attempts[0]!.fail(reason);
      await clock.settle();
      expect(member.hasPermanentError, reason).toBe(isPermanent);
    }
  });

  it('keeps the reason for which the first steps of a connection failed, though it is closed after that', async () => {
    const { clock, member, transport } = create();
    member.open();
    const [attempt] = transport.attempts;
    attempt!.end('connection closed');
    attempt!.fail('Redis 6.0.16 is too old');
    await clock.settle();
    attempt!.end('connection closed');
    expect(member.reason).toBe('Redis 6.0.16 is too old');
    expect(member.failedAttempts).toBe(1);
  });

  it('closes for good: fails what is out, closes a connection that comes late, tries no more', async () => {
    const world = await createVoting();
    const vote = await submit(world, 'a');
    world.member.close();
    expect(vote.answers).toHaveLength(1);
    expect(world.connection.isClosed).toBe(true);
    await world.clock.advance(10_000);
    expect(world.transport.attempts).toHaveLength(1);

    const other = create();
    other.member.open();
    other.member.close();
    const late = await accept(other);
    expect(late.isClosed).toBe(true);
    expect(other.connected).toEqual([]);
  });
});

describe('a call outside the batches', () => {
  it('goes through while the member does not vote, with mapped keys and the incarnation first', async () => {
    const world = create();
    world.member.open();
    const connection = await accept(world);
    const answer = world.member.call(script, ['p:member'], ['a']);
    expect(connection.lastCall.keys).toEqual(['mapped:p:member']);
    expect(connection.lastCall.args).toEqual(['run-1', 'a']);
    connection.lastCall.reply(['VALID']);
    expect(await answer).toEqual(['VALID']);
  });

  it('fails without a connection, with the reason', async () => {
    await expect(create().member.call(script, [], [])).rejects.toThrow('not connected yet');
  });

  it('fails and makes the member suspect when it takes over requestTimeout', async () => {
    const world = await createVoting();
    const failed = expect(world.member.call(script, [], [])).rejects.toThrow('no reply in 500 ms');
    await world.clock.advance(502);
    await failed;
    expect(world.member.state).toBe('suspect');
  });
});

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(page);
  return found;
}

describe("a walk over a member's keys", () => {
  it('gives page by page, and as errors what a call gives', async () => {
    const world = await createVoting();
    world.connection.pages = [['a', 'b'], ['c']];
    expect(await all(world.member.scan('*'))).toEqual([['a', 'b'], ['c']]);
    world.member.close();
    await expect(all(world.member.scan('*'))).rejects.toThrow('closed');
  });

  it('fails and makes the member suspect when a page takes over requestTimeout: a dead host would hold it forever', async () => {
    const world = await createVoting();
    world.connection.scan = async function* () {
      yield ['a'];
      await new Promise(() => undefined);
    };
    const walk = all(world.member.scan('*')).catch((error: Error) => error.message);
    await world.clock.advance(limits.requestTimeout + 2);
    expect(await walk).toBe('no reply in 500 ms');
    expect(world.member.state).toBe('suspect');
  });
});
