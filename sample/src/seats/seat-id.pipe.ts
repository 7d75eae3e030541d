import { Injectable, NotFoundException } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';
import { SeatStore } from './seat-store.js';

/** Lets only seats pass that the hall has. */
@Injectable()
export class SeatIdPipe implements PipeTransform<string, string> {
  constructor(private readonly seats: SeatStore) {}

  transform(id: string): string {
    if (this.seats.find(id)) return id;
    const all = this.seats.list();
    throw new NotFoundException(`There is no seat "${id}". Seats: ${all[0]?.id} to ${all.at(-1)?.id}`);
  }
}
