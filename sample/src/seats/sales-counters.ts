import { Injectable } from '@nestjs/common';
import { QuorumKvService } from 'nestjs-majority-redis';
import { rows } from './seat-store.js';

/** How many seats are sold. */
export interface Sales {
  readonly total: number;
  readonly rows: Readonly<Record<string, number>>;
}

const totalKey = 'sales:total';

/**
 * Sales counters in the key-value store. An increment that was acknowledged is in the counter once. A seat and its
 * counters are different keys: when the app dies between the two writes, the seat is sold and not counted, nor is its ticket ordered.
 */
@Injectable()
export class SalesCounters {
  constructor(private readonly kv: QuorumKvService) {}

  /**
   * @param by 1 for a sale, -1 for one that was given back
   * @throws NoQuorumError; OutcomeUnknownError
   */
  async add(seatId: string, by: 1 | -1): Promise<void> {
    await Promise.all([this.kv.increment(totalKey, by), this.kv.increment(keyOf(seatId[0]!), by)]);
  }

  /** @throws NoQuorumError */
  async read(): Promise<Sales> {
    const counts = await this.kv.getMany<number>([totalKey, ...rows.map(keyOf)]);
    const count = (key: string) => counts.get(key)?.value ?? 0;
    return { total: count(totalKey), rows: Object.fromEntries(rows.map((row) => [row, count(keyOf(row))])) };
  }
}

function keyOf(row: string): string {
  return `sales:row:${row}`;
}
