import type { Deed } from '../history/history.js';

const ordinaryCodes = new Set(['LOCK_UNAVAILABLE', 'NO_QUORUM', 'LOCK_LOST']);

/**
 * What a history of one exclusive lock must not show: two inside at once, a token that is not above that of the holder
 * before, a refused write of one that held the lock, an outcome without a name.
 *
 * @returns one line a violation; none when all is well
 */
export function checkExclusion(deeds: readonly Deed[]): string[] {
  const violations: string[] = [];
  let latest = 0;
  deeds.forEach((deed, index) => {
    const object = (what: string): void => void violations.push(`deed ${index}: ${deed.contender} ${what}`);
    if (deed.kind === 'enter') {
      if (deed.besides.length > 0) object(`entered while ${deed.besides.join(' and ')} held the lock`);
      if (deed.token <= latest) object(`entered with token ${deed.token}, not above ${latest}`);
      latest = Math.max(latest, deed.token);
    }
    if (deed.kind === 'write' && !deed.isAccepted)
      object(`held the lock, and its write with token ${deed.token} was refused`);
    if (deed.kind === 'fail' && !ordinaryCodes.has(deed.code)) object(`failed with ${deed.code}`);
  });
  return violations;
}
