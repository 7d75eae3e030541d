import { describe, expect, it } from 'vitest';
import { ItemVotes } from '../../../lib/queue/item-votes.js';
import { quorumOf } from '../../../lib/quorum/tally.js';

const script = { script: { name: 'messages', source: '', sha: '' }, header: [] };

/** Votes on items that members grant by the letter A. */
function create(groupSize: number, items: number, memberCount = groupSize, startedAt = 0) {
  const time = { now: 0 };
  const told: string[] = [];
  const heard: unknown[] = [];
  const context = {
    groupSize,
    quorum: quorumOf(groupSize),
    memberCount,
    maxOperationTime: 2000,
    now: () => time.now,
  };
  const votes = new ItemVotes(
    context,
    script,
    ['key'],
    ['text'],
    items,
    {
      split: (reply) => String(reply),
      isGranted: (word) => word === 'A',
      onDecided: (item, verdict) => told.push(`${item} ${verdict}`),
      onReply: (member, words) => heard.push([member, words]),
    },
    startedAt,
  );
  return { votes, told, heard, time };
}

describe('ItemVotes', () => {
  it('decides each item on its own, at its earliest moment and once', () => {
    const { votes, told } = create(3, 3);
    votes.onReply(0, 'AAR');
    expect(told).toEqual([]);
    votes.onReply(1, 'ARR');
    expect(told).toEqual(['0 granted', '2 refused']);
    votes.onReply(2, 'RAA');
    expect(told).toEqual(['0 granted', '2 refused', '1 granted']);
  });

  it('tells refusal and lack of a quorum apart', () => {
    const refused = create(5, 1);
    for (const [member, reply] of ['R', 'R', 'A', 'R'].entries()) refused.votes.onReply(member, reply);
    expect(refused.told).toEqual(['0 refused']);
    const failed = create(5, 1);
    for (const member of [0, 1, 2]) failed.votes.onFailure(member, 'down');
    failed.votes.onReply(3, 'A');
    expect(failed.told).toEqual(['0 no-quorum']);
  });

  it('counts a vote that was given otherwise', () => {
    const { votes, told } = create(3, 2);
    votes.grantAll(1);
    votes.onReply(0, 'AR');
    votes.onFailure(2, 'down');
    expect(told).toEqual(['0 granted', '1 refused']);
    expect(votes.wordOf(1, 0)).toBeUndefined();
    expect(votes.wordOf(0, 1)).toBe('R');
    expect(votes.wordOf(2, 0)).toBeUndefined();
  });

  it('grants at once where one member is all', () => {
    const { votes, told } = create(1, 2);
    votes.grantAll(0);
    expect(told).toEqual(['0 granted', '1 granted']);
  });

  it('counts a reply that cannot be read, or is of another length, as no vote', () => {
    const { votes, told } = create(3, 2);
    votes.onReply(0, 'A');
    votes.onReply(1, ['FAILED', 'WRONGTYPE']);
    expect(told).toEqual(['0 no-quorum', '1 no-quorum']);
    votes.onReply(2, 17);
    expect(votes.said).toEqual([{ failure: 'an unreadable reply' }, { failure: 'WRONGTYPE' }, { failure: '17' }]);
  });

  it('does not count votes collected over more than maxOperationTime (S05)', () => {
    const { votes, told, heard, time } = create(3, 1, 3, -500);
    votes.onReply(0, 'A');
    time.now = 1500;
    expect(told).toEqual([]);
    time.now = 1501;
    votes.onReply(1, 'A');
    votes.onReply(2, 'A');
    expect(told).toEqual(['0 no-quorum']);
    expect(heard).toEqual([[0, 'A']]);
  });

  it('counts members that this client does not know as failed', () => {
    const { votes, told } = create(5, 1, 3);
    votes.onReply(0, 'A');
    votes.onReply(1, 'A');
    expect(told).toEqual([]);
    votes.onFailure(2, 'down');
    expect(told).toEqual(['0 no-quorum']);
  });

  it('tells of each reply, also of those after the decision', () => {
    const { votes, heard } = create(3, 1);
    for (const member of [0, 1, 2]) votes.onReply(member, 'A');
    expect(heard).toEqual([
      [0, 'A'],
      [1, 'A'],
      [2, 'A'],
    ]);
  });
});
