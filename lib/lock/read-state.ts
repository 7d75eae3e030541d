import type { Answer } from '../quorum/fan-out.js';
import type { LockHolder, LockState, LockVote } from './lock.js';

/** Puts together what the members answered to `inspect`. A holder counts when a quorum names it. */
export function readState(
  key: string,
  names: readonly string[],
  answers: readonly (Answer | undefined)[],
  quorum: number,
  homeIndex: number | undefined,
): LockState {
  const views = names.map((member, index) => readVote(member, answers[index]));
  const exclusive = withQuorum(
    views.map(({ exclusive }) => exclusive),
    quorum,
  );
  const shared = withQuorum(
    views.map(({ shared }) => shared),
    quorum,
  );
  return {
    key,
    mode: exclusive.length > 0 ? 'exclusive' : shared.length > 0 ? 'shared' : 'free',
    holders: exclusive.length > 0 ? exclusive : shared,
    token: Math.max(0, ...views.map(({ vote }) => vote.token)),
    waiting: homeIndex === undefined ? 0 : views[homeIndex]!.waiting,
    votes: views.map(({ vote }) => vote),
  };
}

interface View {
  readonly vote: LockVote;
  readonly waiting: number;
  readonly exclusive: readonly LockHolder[];
  readonly shared: readonly LockHolder[];
}

function readVote(member: string, answer: Answer | undefined): View {
  if (answer?.kind !== 'reply') {
    const said = answer ? answer.said : 'has not answered yet';
    return { vote: { member, said, holders: [], token: 0 }, waiting: 0, exclusive: [], shared: [] };
  }
  const [, token, waiting, holder, left, ...readers] = answer.reply as [
    string,
    string,
    number,
    string,
    number,
    ...unknown[],
  ];
  const exclusive = holder === '' ? [] : [{ holder, remaining: left }];
  const shared: LockHolder[] = [];
  for (let i = 0; i < readers.length; i += 2) {
    shared.push({ holder: String(readers[i]), remaining: Number(readers[i + 1]) });
  }
  const holders = [...exclusive, ...shared];
  const said = holders.length > 0 ? 'held' : 'free';
  return { vote: { member, said, holders, token: Number(token) }, waiting, exclusive, shared };
}

/** Holders that a quorum names, each with what is left at the quorum-th longest lease. */
function withQuorum(views: readonly (readonly LockHolder[])[], quorum: number): LockHolder[] {
  const lefts = new Map<string, number[]>();
  for (const { holder, remaining } of views.flat()) lefts.set(holder, [...(lefts.get(holder) ?? []), remaining]);
  return [...lefts]
    .filter(([, all]) => all.length >= quorum)
    .map(([holder, all]) => ({ holder, remaining: all.sort((a, b) => b - a)[quorum - 1]! }));
}
