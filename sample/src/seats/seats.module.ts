import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module.js';
import { BoxOffice } from './box-office.js';
import { SalesController } from './sales.controller.js';
import { SalesCounters } from './sales-counters.js';
import { SeatStore } from './seat-store.js';
import { SeatsController } from './seats.controller.js';

@Module({
  imports: [OrdersModule],
  controllers: [SeatsController, SalesController],
  providers: [BoxOffice, SeatStore, SalesCounters],
})
export class SeatsModule {}
