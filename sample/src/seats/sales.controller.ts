import { Controller, Get } from '@nestjs/common';
import { SalesCounters } from './sales-counters.js';
import type { Sales } from './sales-counters.js';

@Controller('sales')
export class SalesController {
  constructor(private readonly counters: SalesCounters) {}

  @Get()
  read(): Promise<Sales> {
    return this.counters.read();
  }
}
