import { BadRequestException, Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { BoxOffice } from './box-office.js';
import { BuyerPipe } from './buyer.pipe.js';
import { PausePipe } from './pause.pipe.js';
import { SeatIdPipe } from './seat-id.pipe.js';
import { SeatStore } from './seat-store.js';

@Controller('seats')
export class SeatsController {
  constructor(
    private readonly seats: SeatStore,
    private readonly boxOffice: BoxOffice,
  ) {}

  @Get()
  list() {
    return this.seats.list();
  }

  /** `?pause=ms`: a slow payment. `?asleep=ms`: a seller whose process sleeps past its lease. */
  @Post(':id/sell')
  sell(
    @Param('id', SeatIdPipe) id: string,
    @Body(BuyerPipe) buyer: string,
    @Query('pause', PausePipe) pause: number | undefined,
    @Query('asleep', PausePipe) asleep: number | undefined,
  ) {
    if (pause !== undefined && asleep !== undefined) throw new BadRequestException('Give pause or asleep, not both');
    return asleep === undefined
      ? this.boxOffice.sell(id, buyer, pause ?? 0)
      : this.boxOffice.sellAsleep(id, buyer, asleep);
  }

  @Delete(':id/sale')
  @HttpCode(204)
  async giveBack(@Param('id', SeatIdPipe) id: string): Promise<void> {
    await this.boxOffice.giveBack(id);
  }
}
