import { Module } from '@nestjs/common';
import { BoxOffice } from './box-office.js';
import { SeatStore } from './seat-store.js';
import { SeatsController } from './seats.controller.js';

@Module({ controllers: [SeatsController], providers: [BoxOffice, SeatStore] })
export class SeatsModule {}
