import type { World } from '../world.js';
import type { Fault } from './fault.js';

/** Plans all faults of a run, and their ends. */
export function plantFaults(world: World): void {
  for (const fault of world.plan.faults) {
    world.scheduler.after(fault.at, () => {
      const end = begin(world, fault);
      if (!end) return;
      world.note('NEMESIS', JSON.stringify(fault));
      if ('lasts' in fault) world.scheduler.after(fault.lasts, end);
    });
  }
}

/** Makes everything well again, whatever faults have not ended. */
export function healAll(world: World): void {
  world.note('NEMESIS', 'heals all');
  for (const member of world.members) {
    member.thaw();
    member.start('nothing');
  }
  for (const client of world.clients) {
    for (const link of client.links) {
      link.restore();
      link.calm();
    }
    client.process?.resume();
    client.start();
  }
}

/** @returns how it ends; undefined when it cannot be done now */
function begin(world: World, fault: Fault): (() => void) | undefined {
  const nothing = (): void => undefined;
  switch (fault.kind) {
    case 'restart': {
      const member = world.members[fault.member]!;
      if (!member.isUp || !world.mayForget(member)) return undefined;
      member.crash(fault.isSilent);
      return () => member.start(fault.memory);
    }
    case 'flush': {
      const member = world.members[fault.member]!;
      if (!member.isUp || !world.mayForget(member)) return undefined;
      member.flush();
      return nothing;
    }
    case 'save':
      world.members[fault.member]!.save();
      return nothing;
    case 'freeze': {
      const member = world.members[fault.member]!;
      if (!member.isUp) return undefined;
      member.freeze();
      return () => member.thaw();
    }
    case 'cut': {
      const links = fault.members.map((member) => world.clients[fault.client]!.links[member]!);
      for (const link of links) link.setCut(fault.directions);
      return () => links.forEach((link) => link.restore());
    }
    case 'lose':
      world.clients[fault.client]!.links[fault.member]!.loseAll();
      return nothing;
    case 'pause': {
      const { process } = world.clients[fault.client]!;
      process?.pause();
      return () => process?.resume();
    }
    case 'kill': {
      const client = world.clients[fault.client]!;
      client.kill();
      return () => client.start();
    }
    case 'shift':
      world.clients[fault.client]!.clock.shift(fault.by);
      return nothing;
  }
}
