import { Module } from '@nestjs/common';
import { BoxOffice } from './box-office.js';
import { SalesController } from './sales.controller.js';
import { SalesCounters } from './sales-counters.js';
import { SeatStore } from './seat-store.js';
import { SeatsController } from './seats.controller.js';

@Module({ controllers: [SeatsController, SalesController], providers: [BoxOffice, SeatStore, SalesCounters] })
export class SeatsModule {}
