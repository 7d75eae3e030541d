import type { SiteClient } from '../site/site-client.js';
import type { Site } from '../site/site.js';

/** One kind of fault that hits one member and is over when the promise resolves. */
export type Fault = (site: Site, member: number, random: () => number) => Promise<void>;

/** The numbers in a random order. */
export function shuffled(numbers: readonly number[], random: () => number): number[] {
  const rest = [...numbers];
  return numbers.map(() => rest.splice(Math.floor(random() * rest.length), 1)[0]!);
}

/** Hits one member after the other; goes on to the next when the observer sees all of them vote again. */
export async function strikeInTurn(
  fault: (member: number) => Fault,
  site: Site,
  observer: SiteClient,
  random: () => number,
): Promise<void> {
  for (const member of shuffled(site.memberNumbers, random)) {
    await fault(member)(site, member, random);
    await site.log.recover(() => observer.asksUntilAllVote());
  }
}
