import { Injectable, NotFoundException } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';
import { SeatStore } from './seat-store.js';

/** Lets only seats pass that the hall has. */
@Injectable()
export class SeatIdPipe implements PipeTransform<string, string> {
  constructor(private readonly seats: SeatStore) {}

  transform(id: string): string {
    const { ids } = this.seats;
    if (ids.includes(id)) return id;
    throw new NotFoundException(`There is no seat "${id}". Seats: ${ids[0]} to ${ids.at(-1)}`);
  }
}
