import { slotOf } from '../../../lib/member/key-slot.js';
import { markerEnd, partitionPrefix } from '../../../lib/quorum/partition-space.js';
import { fromBytes, toBytes, type Bytes } from '../redis/bytes.js';
import type { MachineClock } from '../time/machine-clock.js';
import { MemberHost } from './member-host.js';
import { SlotMove } from './slot-move.js';
import { SlotTable } from './slot-table.js';

const keyPrefix = 'majority';

/** One member: a server, or a Redis Cluster whose masters serve its partitions together. */
export class SimulatedMember {
  readonly hosts: readonly MemberHost[];
  private readonly table: SlotTable | undefined;
  private readonly prefixes: readonly string[];
  private readonly markerEnd: string;
  private readonly moves = new Set<SlotMove>();

  /**
   * @param clocks of its machines: of several when it is a Cluster
   * @param onExecuted told of each script call, for the trace
   */
  constructor(
    readonly name: string,
    clocks: readonly MachineClock[],
    partitions: number,
    onExecuted: (host: string, words: readonly Bytes[], reply: unknown) => void,
  ) {
    this.prefixes = Array.from({ length: partitions }, (_, index) => partitionPrefix(keyPrefix, index, partitions));
    this.markerEnd = markerEnd(partitions);
    const names = clocks.length === 1 ? [name] : clocks.map((_, index) => `${name}.${index + 1}`);
    const table = clocks.length === 1 ? undefined : new SlotTable(names);
    this.table = table;
    this.hosts = clocks.map((clock, index) => {
      const neighbourhood = table && {
        slots: {
          tell: () => table.tell(),
          refusal: (keys: readonly Bytes[], has: (key: Bytes) => boolean) => table.refusal(index, keys, has),
        },
        broadcast: (channel: Bytes, message: Bytes) => {
          for (const [other, host] of this.hosts.entries()) if (other !== index) host.hear(channel, message);
        },
      };
      const told = (words: readonly Bytes[], reply: unknown): void => onExecuted(names[index]!, words, reply);
      return new MemberHost(names[index]!, clock, told, neighbourhood);
    });
  }

  get isCluster(): boolean {
    return this.table !== undefined;
  }

  /** Key as it stores it: those of one partition are in one slot of a Cluster. */
  mapKey(prefix: string, key: string): string {
    return this.isCluster ? `{${prefix}}${key.slice(prefix.length)}` : key;
  }

  /** The machine that serves a partition. */
  hostOf(partition: number): MemberHost {
    return this.hosts[this.table?.ownerOf(slotOf(this.prefixes[partition]!)) ?? 0]!;
  }

  /** Partitions that one of these machines serves. */
  partitionsOn(hosts: readonly MemberHost[]): number[] {
    return [...this.prefixes.keys()].filter((partition) => hosts.includes(this.hostOf(partition)));
  }

  /** Whether it votes in a partition, or will as soon as it is reached. */
  remembers(partition: number): boolean {
    return (
      !this.table?.isMoving(slotOf(this.prefixes[partition]!)) && this.isMarkedFor(partition, this.hostOf(partition))
    );
  }

  /** All keys that it holds and serves: not what a master kept of a slot that it serves no more. */
  keys(): Bytes[] {
    const { table } = this;
    return this.hosts.flatMap(({ redis }, index) => {
      const keys = redis?.keyspace.keys() ?? [];
      return table ? keys.filter((key) => table.ownerOf(slotOf(fromBytes(key))) === index) : keys;
    });
  }

  /**
   * The slot of a partition begins to move to another master; undefined when that cannot be now, or must not: back to the
   * one where it voted last, before it was brought back elsewhere.
   */
  beginMove(partition: number, to: number): SlotMove | undefined {
    const slot = slotOf(this.prefixes[partition]!);
    const [from, target] = [this.hostOf(partition), this.hosts[to]!];
    if (!this.table || this.table.isMoving(slot) || from === target || !from.isUp || !target.isUp) return undefined;
    if (this.isMarkedFor(partition, target)) return undefined;
    const move = new SlotMove(slot, from, target, to, this.table);
    this.moves.add(move);
    return move;
  }

  /** All machines are well: slots that move arrive. */
  finishMoves(): void {
    for (const move of this.moves) move.finish();
  }

  /** Whether the marker of a partition, as it is where it is served, is that of this machine as it runs now. */
  private isMarkedFor(partition: number, { redis }: MemberHost): boolean {
    const prefix = this.prefixes[partition]!;
    const key = toBytes(this.mapKey(prefix, `${prefix}:member`));
    const marker = this.hostOf(partition).redis?.keyspace.find(key, 'string')?.text;
    return redis !== undefined && marker === redis.runId + this.markerEnd;
  }
}
