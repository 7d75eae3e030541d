import { Injectable } from '@nestjs/common';
import { StaleTokenError } from 'nestjs-majority-redis';

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

/**
 * The fenced resource: it keeps the token of the last write with the seat, and refuses any lower one. It stands for your
 * database, where the same rule is one condition: `UPDATE … SET buyer = $1, token = $2 WHERE id = $3 AND token <= $2`.
 */
@Injectable()
export class SeatStore {
  private readonly seats = new Map<string, Seat>(
    ['A', 'B', 'C', 'D'].flatMap((row) =>
      [1, 2, 3, 4, 5].map((number): [string, Seat] => [`${row}${number}`, { id: `${row}${number}`, sale: null }]),
    ),
  );

  list(): Seat[] {
    return [...this.seats.values()];
  }

  find(id: string): Seat | undefined {
    return this.seats.get(id);
  }

  /**
   * Writes a sale. It does not look whether the seat is free: that is the seller's business, under the lock.
   *
   * @throws StaleTokenError when a later holder of the seat's lock has written before
   */
  write(id: string, sale: Sale): Seat {
    const latest = this.seats.get(id)?.sale;
    if (latest && sale.token < latest.token) throw new StaleTokenError(`seat ${id}`, sale.token, latest.token);
    const seat = { id, sale };
    this.seats.set(id, seat);
    return seat;
  }
}
