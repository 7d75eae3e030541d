import type { MemberReport } from '../errors.js';
import type { Answer } from '../quorum/fan-out.js';

/** What the members said to one lock request, in words. */
export function lockReports(names: readonly string[], answers: readonly (Answer | undefined)[]): MemberReport[] {
  return names.map((member, index) => ({ member, said: say(answers[index]) }));
}

function say(answer: Answer | undefined): string {
  if (!answer) return 'has not answered yet';
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
