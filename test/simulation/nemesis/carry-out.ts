import type { MemberHost } from '../members/member-host.js';
import type { Link } from '../network/link.js';
import { Chance } from '../time/chance.js';
import type { World } from '../world.js';
import type { Fault } from './fault.js';
import { sendStranger } from './stranger.js';

/** In how many goes the keys of a slot move; ms between two attempts to end it while one of the masters is away. */
const moveSteps = 6;
const moveRetry = 50;

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
  for (const host of world.hosts) {
    host.thaw();
    host.start('nothing');
  }
  for (const member of world.members) member.finishMoves();
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
      const hosts = forgetful(world, fault);
      if (!hosts) return undefined;
      for (const host of hosts) host.crash(fault.isSilent);
      return () => hosts.forEach((host) => host.start(fault.memory));
    }
    case 'flush': {
      const hosts = forgetful(world, fault);
      if (!hosts) return undefined;
      for (const host of hosts) host.flush();
      return nothing;
    }
    case 'save':
      for (const host of hostsOf(world, fault.member, fault)) host.save();
      return nothing;
    case 'freeze': {
      const hosts = hostsOf(world, fault.member, fault).filter(({ isUp }) => isUp);
      if (hosts.length === 0) return undefined;
      for (const host of hosts) host.freeze();
      return () => hosts.forEach((host) => host.thaw());
    }
    case 'cut': {
      const links = fault.members.flatMap((member) => linksOf(world, fault.client, member, fault));
      for (const link of links) link.setCut(fault.directions);
      return () => links.forEach((link) => link.restore());
    }
    case 'lose':
      for (const link of linksOf(world, fault.client, fault.member, fault)) link.loseAll();
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
    case 'move':
      return beginMove(world, fault);
    case 'stranger':
      // of a group that has not formed it might be the first client
      return world.isKnown(0) ? sendStranger(world, fault.partitions) : undefined;
  }
}

function hostsOf(world: World, member: number, { master }: Fault): readonly MemberHost[] {
  const { hosts } = world.members[member]!;
  return master === undefined ? hosts : [hosts[master]!];
}

/** Those that are up, of what a fault hits; undefined when there are none, or when they must not forget now. */
function forgetful(world: World, fault: Fault & { member: number }): readonly MemberHost[] | undefined {
  const member = world.members[fault.member]!;
  const hosts = hostsOf(world, fault.member, fault).filter(({ isUp }) => isUp);
  if (hosts.length === 0 || !world.mayForget(member, member.partitionsOn(hosts))) return undefined;
  return hosts;
}

function linksOf(world: World, client: number, member: number, fault: Fault): Link[] {
  const hosts = hostsOf(world, member, fault);
  return world.clients[client]!.links.filter((_, index) => hosts.includes(world.hosts[index]!));
}

function beginMove(world: World, { member: index, partition, to, lasts, at }: Fault & { kind: 'move' }) {
  const member = world.members[index]!;
  const move = world.mayForget(member, [partition]) ? member.beginMove(partition, to) : undefined;
  if (!move) return undefined;
  const chance = new Chance(world.plan.seed, `move at ${at}`);
  for (let step = 1; step < moveSteps; step++) {
    world.scheduler.after((lasts * step) / moveSteps, () => move.carry(() => chance.isHit(1 / (moveSteps - step + 1))));
  }
  const end = (): void => {
    if (!move.finish()) world.scheduler.after(moveRetry, end);
  };
  return end;
}
