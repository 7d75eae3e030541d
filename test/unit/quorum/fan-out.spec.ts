import { describe, expect, it } from 'vitest';
import { FanOut, type Judge } from '../../../lib/quorum/fan-out.js';
import { quorumOf } from '../../../lib/quorum/tally.js';

const judge: Judge = (reply) =>
  reply === 'YES' ? 'grant' : Array.isArray(reply) && reply[0] === 'FAILED' ? 'fail' : 'refuse';

const votingScript = { script: { name: 's', source: '', sha: '' }, header: [] };

function create(groupSize = 5, memberCount = groupSize) {
  const time = { now: 0 };
  const heard: [number, unknown][] = [];
  const context = {
    groupSize,
    memberCount,
    quorum: quorumOf(groupSize),
    maxOperationTime: 2000,
    now: () => time.now,
  };
  return {
    time,
    heard,
    fanOut: new FanOut(context, votingScript, ['k'], ['a'], judge, {
      onReply: (index, reply) => heard.push([index, reply]),
    }),
  };
}

/** The verdict, or `pending` when there is none yet. */
async function verdictOf(fanOut: FanOut): Promise<string> {
  return Promise.race([fanOut.verdict, new Promise<string>((resolve) => setImmediate(resolve, 'pending'))]);
}

describe('FanOut', () => {
  it('is granted with the vote that makes a quorum, without waiting for the others', async () => {
    const { fanOut } = create();
    fanOut.onReply(4, 'YES');
    fanOut.onReply(0, 'NO');
    fanOut.onReply(2, 'YES');
    expect(await verdictOf(fanOut)).toBe('pending');
    fanOut.onReply(1, 'YES');
    expect(await verdictOf(fanOut)).toBe('granted');
  });

  it('is refused as soon as a quorum voted and no quorum can grant', async () => {
    const { fanOut } = create();
    for (const index of [0, 1]) fanOut.onReply(index, 'NO');
    expect(await verdictOf(fanOut)).toBe('pending');
    fanOut.onReply(2, 'NO');
    expect(await verdictOf(fanOut)).toBe('refused');
  });

  it('has no quorum as soon as too few can vote', async () => {
    const { fanOut } = create();
    fanOut.onFailure(0, 'suspect');
    fanOut.onReply(1, ['FAILED', 'WRONGTYPE of something']);
    expect(await verdictOf(fanOut)).toBe('pending');
    fanOut.onFailure(2, 'down');
    expect(await verdictOf(fanOut)).toBe('no-quorum');
    expect(fanOut.answers[1]).toEqual({ kind: 'failure', said: 'WRONGTYPE of something' });
  });

  it('counts members that this client does not know as failed', async () => {
    const { fanOut } = create(5, 3);
    expect(fanOut.answers).toHaveLength(3);
    fanOut.onReply(0, 'YES');
    fanOut.onReply(1, 'YES');
    expect(await verdictOf(fanOut)).toBe('pending');
    fanOut.onFailure(2, 'down');
    expect(await verdictOf(fanOut)).toBe('no-quorum');
  });

  it('has no quorum at once when it knows fewer members than a quorum', async () => {
    expect(await verdictOf(create(5, 2).fanOut)).toBe('no-quorum');
  });

  describe('that asks a quorum first', () => {
    function ask() {
      const { fanOut } = create();
      const asked: number[] = [];
      const members = [0, 1, 2, 3, 4].map((index) => ({ submit: () => asked.push(index) }));
      fanOut.ask(members.slice(0, 3), members.slice(3));
      return { fanOut, asked };
    }

    it('asks nobody else when it is granted', async () => {
      const { fanOut, asked } = ask();
      for (const index of [0, 1, 2]) fanOut.onReply(index, 'YES');
      fanOut.onSlow();
      expect(await verdictOf(fanOut)).toBe('granted');
      expect({ asked, hasAskedAll: fanOut.hasAskedAll }).toEqual({ asked: [0, 1, 2], hasAskedAll: false });
    });

    it('asks nobody else when the first alone refuse it', async () => {
      const { fanOut, asked } = ask();
      for (const index of [0, 1, 2]) fanOut.onReply(index, 'NO');
      expect(await verdictOf(fanOut)).toBe('refused');
      expect(asked).toEqual([0, 1, 2]);
    });

    it.each([
      ['one refused', (fanOut: FanOut) => fanOut.onReply(1, 'NO')],
      ['one gave no vote', (fanOut: FanOut) => fanOut.onFailure(1, 'down')],
    ])('asks the others once all have answered and %s, and counts all votes together', async (_, answer) => {
      const { fanOut, asked } = ask();
      answer(fanOut);
      fanOut.onReply(0, 'YES');
      expect(asked).toEqual([0, 1, 2]);
      fanOut.onReply(2, 'YES');
      expect(asked).toEqual([0, 1, 2, 3, 4]);
      expect(fanOut.hasAskedAll).toBe(true);
      expect(await verdictOf(fanOut)).toBe('pending');
      fanOut.onReply(3, 'YES');
      expect(await verdictOf(fanOut)).toBe('granted');
      fanOut.onReply(4, 'YES');
      expect(asked).toHaveLength(5);
    });

    it('asks the others at once, and once, when one is slow', async () => {
      const { fanOut, asked } = ask();
      fanOut.onSlow();
      fanOut.onSlow();
      expect(asked).toEqual([0, 1, 2, 3, 4]);
      for (const index of [0, 3, 4]) fanOut.onReply(index, 'YES');
      expect(await verdictOf(fanOut)).toBe('granted');
    });
  });

  it('still counts a vote at the very end of maxOperationTime', async () => {
    const { fanOut, time } = create(3);
    fanOut.onReply(0, 'YES');
    time.now = 2000;
    fanOut.onReply(1, 'YES');
    expect(await verdictOf(fanOut)).toBe('granted');
  });

  it('does not count a vote collected over more than maxOperationTime (S05)', async () => {
    const { fanOut, time } = create(3);
    fanOut.onReply(0, 'YES');
    time.now = 2000.1;
    fanOut.onReply(1, 'YES');
    expect(await verdictOf(fanOut)).toBe('pending');
    fanOut.onReply(2, 'YES');
    expect(await verdictOf(fanOut)).toBe('no-quorum');
    expect(fanOut.answers[2]).toEqual({ kind: 'failure', said: 'too late to be counted' });
  });

  it('does not count a refusal that came too late either (S05)', async () => {
    const { fanOut, time } = create(3);
    time.now = 2001;
    fanOut.onReply(0, 'NO');
    fanOut.onReply(1, 'NO');
    expect(await verdictOf(fanOut)).toBe('no-quorum');
  });

  it('keeps answers that come after the verdict, and the verdict as it is', async () => {
    const { fanOut } = create(3);
    fanOut.onReply(0, 'YES');
    fanOut.onReply(1, 'YES');
    expect(await verdictOf(fanOut)).toBe('granted');
    expect(fanOut.answers[2]).toBeUndefined();
    fanOut.onFailure(2, 'down');
    expect(fanOut.answers[2]).toEqual({ kind: 'failure', said: 'down' });
    expect(await verdictOf(fanOut)).toBe('granted');
  });

  it('hands each reply on, also one that comes after the verdict, but none that is no vote', async () => {
    const { fanOut, heard, time } = create(5);
    fanOut.onReply(0, 'YES');
    fanOut.onReply(1, 'YES');
    fanOut.onReply(2, 'YES');
    expect(await verdictOf(fanOut)).toBe('granted');
    fanOut.onReply(3, ['NO', 1]);
    time.now = 2001;
    fanOut.onReply(4, 'NO');
    expect(heard).toEqual([
      [0, 'YES'],
      [1, 'YES'],
      [2, 'YES'],
      [3, ['NO', 1]],
    ]);
  });

  it('is complete once each member answered or failed, not with the verdict', async () => {
    const { fanOut } = create(3);
    let isComplete = false;
    void fanOut.complete.then(() => (isComplete = true));
    fanOut.onReply(0, 'YES');
    fanOut.onReply(1, 'YES');
    await verdictOf(fanOut);
    expect(isComplete).toBe(false);
    fanOut.onFailure(2, 'down');
    await verdictOf(fanOut);
    expect(isComplete).toBe(true);
    await fanOut.complete;
  });

  it('tells everyone who waits for completeness', async () => {
    const { fanOut } = create(1);
    const both = Promise.all([fanOut.complete, fanOut.complete]).then(() => 'complete');
    fanOut.onReply(0, 'YES');
    const later = new Promise<string>((resolve) => setImmediate(resolve, 'one was forgotten'));
    expect(await Promise.race([both, later])).toBe('complete');
  });
});
