import { Injectable } from '@nestjs/common';
import { QuorumKvService } from 'nestjs-majority-redis';
import type { KvGuard } from 'nestjs-majority-redis';

/** A sold seat's ticket. */
export interface Sale {
  readonly buyer: string;
  /** Fencing token of the lock under which it was sold. */
  readonly token: number;
  readonly soldAt: string;
}

export interface Seat {
  readonly id: string;
  readonly sale: Sale | null;
}

/** Rows of the hall, in order. */
export const rows: readonly string[] = ['A', 'B', 'C', 'D'];
const ids = rows.flatMap((row) => [1, 2, 3, 4, 5].map((number) => `${row}${number}`));

/**
 * The fenced resource: sales in the key-value store, each written with the seller's lock as its guard, so that a seller
 * whose lock passed to another cannot write any more. In a database the same rule is one condition: `UPDATE … SET buyer =
 * $1, token = $2 WHERE id = $3 AND token <= $2`.
 */
@Injectable()
export class SeatStore {
  constructor(private readonly kv: QuorumKvService) {}

  /** All seats that the hall has, in order. */
  get ids(): readonly string[] {
    return ids;
  }

  /** @throws NoQuorumError */
  async list(): Promise<Seat[]> {
    const sales = await this.kv.getMany<Sale>(ids.map(keyOf));
    return ids.map((id) => ({ id, sale: sales.get(keyOf(id))?.value ?? null }));
  }

  /** @throws NoQuorumError */
  findSale(id: string): Promise<Sale | null> {
    return this.kv.get<Sale>(keyOf(id));
  }

  /**
   * Writes a sale. It does not look whether the seat is free: that is the seller's business, under the lock.
   *
   * @param guard the held lock of the seat
   * @throws StaleTokenError when a later holder of the seat's lock has written before; NoQuorumError;
   * OutcomeUnknownError
   */
  async write(id: string, sale: Sale, guard: KvGuard): Promise<void> {
    await this.kv.set(keyOf(id), sale, { guard });
  }

  /**
   * Removes a sale, and remembers the token all the same.
   *
   * @throws as `write()`
   */
  async remove(id: string, guard: KvGuard): Promise<void> {
    await this.kv.delete(keyOf(id), { guard });
  }
}

function keyOf(id: string): string {
  return `seat:${id}`;
}
