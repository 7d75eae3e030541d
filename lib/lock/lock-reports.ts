import type { MemberReport } from '../errors.js';
import type { Answer, FanOut } from '../quorum/fan-out.js';

/** What the members said to one lock request, in words. */
export function lockReports(
  names: readonly string[],
  { answers, hasAskedAll }: Pick<FanOut, 'answers' | 'hasAskedAll'>,
): MemberReport[] {
  const silent = hasAskedAll ? 'has not answered yet' : 'was not asked';
  return names.map((member, index) => ({ member, said: say(answers[index]) ?? silent }));
}

function say(answer: Answer | undefined): string | undefined {
  if (!answer) return undefined;
  if (answer.kind === 'failure') return answer.said;
  const { reply } = answer;
  if (typeof reply === 'string') return reply.toLowerCase();
  const [word] = reply as [string];
  return said[word] ?? word.toLowerCase();
}

const said: Record<string, string> = {
  HELD: 'held',
  LINE: 'others wait first',
  STALE: 'has seen a later token',
  CLOCK: 'finds the token over a day ahead of its clock',
  LOST: 'no longer held by us',
};
