import { slotOf } from '../../../lib/member/key-slot.js';
import { fromBytes } from '../redis/bytes.js';
import type { Chance } from '../time/chance.js';
import type { MemberHost } from './member-host.js';
import type { SlotTable } from './slot-table.js';

/** One slot on its way from one master of a Cluster to another, key by key. It waits while one of them does not answer. */
export class SlotMove {
  private isOver = false;

  constructor(
    readonly slot: number,
    private readonly from: MemberHost,
    private readonly to: MemberHost,
    toIndex: number,
    private readonly table: SlotTable,
  ) {
    table.beginMove(slot, toIndex);
  }

  /** Moves about this part of the keys that are left. */
  carry(fraction: number, chance: Chance): void {
    this.migrate(() => chance.isHit(fraction));
  }

  /** Moves all keys that are left, and then the slot is served by its new master. @returns whether that is done */
  finish(): boolean {
    if (this.isOver) return true;
    if (!this.migrate(() => true)) return false;
    this.table.endMove(this.slot);
    this.isOver = true;
    return true;
  }

  private migrate(isChosen: () => boolean): boolean {
    const { from, to } = this;
    if (this.isOver || !from.isUp || !to.isUp) return false;
    for (const key of from.redis!.keyspace.keys()) {
      if (slotOf(fromBytes(key)) === this.slot && isChosen()) from.redis!.keyspace.migrate(key, to.redis!.keyspace);
    }
    return true;
  }
}
