import { slotOf } from '../../../lib/member/key-slot.js';
import { fromBytes, type Bytes } from '../redis/bytes.js';
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

  /** Moves all keys that are left, and then the slot is served by its new master. @returns whether that is done */
  finish(): boolean {
    if (this.isOver) return true;
    if (!this.carry(() => true)) return false;
    this.table.endMove(this.slot);
    this.isOver = true;
    return true;
  }

  /** Moves some of the keys that are left. @returns whether both masters are there */
  carry(isChosen: (key: Bytes) => boolean): boolean {
    const { from, to } = this;
    if (this.isOver || !from.isUp || !to.isUp) return false;
    for (const key of from.redis!.keyspace.keys()) {
      if (slotOf(fromBytes(key)) === this.slot && isChosen(key)) from.redis!.keyspace.migrate(key, to.redis!.keyspace);
    }
    return true;
  }
}
