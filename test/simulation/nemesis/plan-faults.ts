import type { Chance } from '../time/chance.js';
import type { Fault } from './fault.js';

/** What faults can hit, and when. */
export interface FaultScene {
  readonly groupSize: number;
  readonly clientCount: number;
  /** ms between which faults begin. */
  readonly from: number;
  readonly until: number;
  readonly count: number;
}

/** Longest fault, ms: beyond all time-outs and leases of a run. */
const lastsMax = 1500;

/** Draws faults; each on its own, so that any of them can be left out. */
export function planFaults(chance: Chance, scene: FaultScene): Fault[] {
  const faults = Array.from({ length: scene.count }, () => planFault(chance, scene));
  return faults.sort((a, b) => a.at - b.at);
}

function planFault(chance: Chance, { groupSize, clientCount, from, until }: FaultScene): Fault {
  const at = Math.round(chance.between(from, until));
  const lasts = Math.round(chance.isHit(0.5) ? chance.between(5, 150) : chance.between(150, lastsMax));
  const member = chance.whole(0, groupSize - 1);
  const client = chance.whole(0, clientCount - 1);
  const kind = chance.weighted([
    [6, 'restart'],
    [3, 'flush'],
    [2, 'save'],
    [4, 'freeze'],
    [5, 'cut'],
    [2, 'lose'],
    [4, 'pause'],
    [2, 'kill'],
    [1, 'shift'],
  ] as const);
  switch (kind) {
    case 'restart':
      return {
        at,
        kind,
        member,
        memory: chance.weighted([
          [5, 'nothing'],
          [3, 'older'],
          [1, 'all'],
        ] as const),
        lasts,
        isSilent: chance.isHit(0.3),
      };
    case 'flush':
    case 'save':
      return { at, kind, member };
    case 'freeze':
      return { at, kind, member, lasts };
    case 'cut': {
      const members = chance.shuffled(Array.from({ length: groupSize }, (_, index) => index));
      const directions = chance.pick([['there'], ['back'], ['there', 'back']] as const);
      return { at, kind, client, members: members.slice(0, chance.whole(1, groupSize)), directions, lasts };
    }
    case 'lose':
      return { at, kind, client, member };
    case 'pause':
    case 'kill':
      return { at, kind, client, lasts };
    case 'shift':
      return { at, kind, client, by: Math.round(chance.between(-600_000, 600_000)) };
  }
}
