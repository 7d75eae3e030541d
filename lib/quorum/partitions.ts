import type { Subject } from 'rxjs';
import { InvalidOptionsError, NoQuorumError, type MemberReport } from '../errors.js';
import { createTransport } from '../member/node-transport.js';
import { tagOf } from '../member/key-slot.js';
import type { Clock } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';
import { Group, noQuorumRetry, type TransportTo } from './group.js';
import type { GroupEvent, GroupStatus } from './group-status.js';
import { mergeEvents } from './merge-events.js';
import { mergeStatus } from './merge-status.js';
import { partitionOf } from './partition-space.js';
import type { ResolvedGroupOptions } from './resolve-group-options.js';

/**
 * The parts into which a group's locks, keys and queues are split by their names: one, unless the option `partitions` says
 * otherwise. Each is a group of its own with its own keys, markers and rejoins, so nothing that holds for a group has to
 * be shown again for several; here they are told apart by names and put together for those who look at the whole.
 *
 * @see docs/protocols/quorum.md#partitions
 */
export class Partitions {
  readonly events: Subject<GroupEvent>;
  private readonly first: Group;

  constructor(readonly groups: readonly Group[]) {
    this.first = groups[0]!;
    this.events = groups.length === 1 ? this.first.events : mergeEvents(groups);
  }

  static of(
    options: ResolvedGroupOptions,
    leaseMax: number,
    clock: Clock,
    random: Random,
    transportTo: TransportTo = createTransport,
  ): Partitions {
    const indexes = Array.from({ length: options.partitions }, (_, index) => index);
    return new Partitions(indexes.map((index) => new Group(options, leaseMax, clock, random, transportTo, index)));
  }

  get name(): string {
    return this.first.options.name;
  }

  get clock(): Clock {
    return this.first.clock;
  }

  /** Where a name belongs. */
  indexOf(name: string): number {
    return this.groups.length === 1 ? 0 : partitionOf(name, this.groups.length);
  }

  of(name: string): Group {
    return this.groups[this.indexOf(name)]!;
  }

  /** Where all these names belong. @throws InvalidOptionsError when that is not one partition */
  indexOfAll(keys: readonly string[]): number {
    const index = this.indexOf(keys[0]!);
    if (this.groups.length === 1) return index;
    const other = keys.find((key) => this.indexOf(key) !== index);
    if (other === undefined) return index;
    throw new InvalidOptionsError(
      'keys',
      'keys of one partition, as those with a common {tag} are',
      `"${keys[0]}" of partition ${index} and "${other}" of partition ${this.indexOf(other)}`,
    );
  }

  /** Where names that begin with a prefix may belong. */
  indexesWith(prefix: string): readonly number[] {
    if (tagOf(prefix) !== undefined) return [this.indexOf(prefix)];
    return this.groups.map((_, index) => index);
  }

  /** Connects: resolves when each partition has a quorum. @throws as `Group.start` */
  async start(): Promise<void> {
    await Promise.all(this.groups.map((group) => group.start()));
  }

  close(): void {
    for (const group of this.groups) group.close();
    this.events.complete();
  }

  status(): GroupStatus {
    return this.groups.length === 1 ? this.first.status() : mergeStatus(this.groups.map((group) => group.status()));
  }

  /** As `Group.check`. */
  async check(): Promise<GroupStatus> {
    const checked = await Promise.all(this.groups.map((group) => group.check()));
    return checked.length === 1 ? checked[0]! : mergeStatus(checked);
  }

  /** An error that is about no partition in particular. */
  noQuorum(attempted: string, members: readonly MemberReport[]): NoQuorumError {
    const { quorum, groupSize } = this.first;
    return new NoQuorumError(attempted, quorum, groupSize, members, noQuorumRetry);
  }
}
