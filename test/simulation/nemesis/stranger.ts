import { connectOn } from '../../../lib/connect.js';
import { InvalidOptionsError, NoQuorumError } from '../../../lib/errors.js';
import { ClientProcess } from '../clients/client-process.js';
import { Chance } from '../time/chance.js';
import { MachineClock } from '../time/machine-clock.js';
import { simulatedOptions, textOf, transportsTo, type World } from '../world.js';

/**
 * A client that splits the group into another number of partitions than all others: it must never come in, or two would
 * look for one lock in two places (safeguard S31).
 *
 * @returns what ends its process
 */
export function sendStranger(world: World, partitions: number): () => void {
  const chance = new Chance(world.plan.seed, `stranger at ${world.now()}`);
  const clock = new MachineClock(world.scheduler, { offset: 0, rate: 1 });
  const process = new ClientProcess(world.scheduler, clock, chance.stream('process'));
  const transportTo = transportsTo(world, process, world.linksOf(chance.stream('links')), chance.stream('network'));
  const nodes = world.members.map(({ name }) => name);
  const onEvent = (event: object): void => world.note('stranger', JSON.stringify(event));
  connectOn(
    { clock: process, random: process.random, transportTo },
    { ...simulatedOptions, nodes, partitions },
    { onEvent },
  ).then(
    () => world.object(`a client with ${partitions} partitions came in`),
    (error: unknown) => {
      world.note('stranger', String(error));
      if (error instanceof InvalidOptionsError || error instanceof NoQuorumError) return;
      world.object(`a client with ${partitions} partitions failed with ${textOf(error)}`);
    },
  );
  return () => process.kill();
}
