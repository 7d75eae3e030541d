import type { Split } from '../plan.js';
import type { Chance } from '../time/chance.js';
import type { Fault } from './fault.js';
import type { FaultScene } from './plan-faults.js';

/** Where several masters make a member, most faults hit one of them. */
const oneMasterShare = 0.7;
const onMachines = new Set<Fault['kind']>(['restart', 'flush', 'save', 'freeze', 'cut', 'lose']);

/** Faults as they are in a group that is split: on single masters too, and with those that only such a group knows. */
export function planSplitFaults(
  chance: Chance,
  faults: readonly Fault[],
  split: Split,
  scene: FaultScene,
): readonly Fault[] {
  const { masters } = split;
  const spread = faults.map((fault) =>
    masters > 1 && onMachines.has(fault.kind) && chance.isHit(oneMasterShare)
      ? { ...fault, master: chance.whole(0, masters - 1) }
      : fault,
  );
  if (faults.length === 0) return spread;
  const moves = masters === 1 ? [] : Array.from({ length: chance.whole(0, 5) }, () => planMove(chance, split, scene));
  const strangers = chance.isHit(0.3) ? [planStranger(chance, split, scene)] : [];
  return [...spread, ...moves, ...strangers].sort((a, b) => a.at - b.at);
}

function planMove(chance: Chance, { partitions, masters }: Split, scene: FaultScene): Fault {
  return {
    at: beginning(chance, scene),
    kind: 'move',
    member: chance.whole(0, scene.groupSize - 1),
    partition: chance.whole(0, partitions - 1),
    to: chance.whole(0, masters - 1),
    lasts: Math.round(chance.isHit(0.5) ? chance.between(1, 50) : chance.between(50, 800)),
  };
}

function planStranger(chance: Chance, { partitions }: Split, scene: FaultScene): Fault {
  const others = [1, 2, 3, 4, 6].filter((count) => count !== partitions);
  return {
    at: beginning(chance, scene),
    kind: 'stranger',
    partitions: chance.pick(others),
    lasts: Math.round(chance.between(50, 3000)),
  };
}

function beginning(chance: Chance, { from, until }: FaultScene): number {
  return Math.round(chance.between(from, until));
}
