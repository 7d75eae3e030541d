import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { LabelPrinter } from './label-printer.js';
import { OrderDesk } from './order-desk.js';
import { OrderPipe } from './order.pipe.js';
import type { Order } from './order.js';
import { Shipments } from './shipments.js';

@Controller()
export class OrdersController {
  constructor(
    private readonly desk: OrderDesk,
    private readonly shipments: Shipments,
    private readonly printer: LabelPrinter,
  ) {}

  /** 202: the order is safe, and will be shipped. */
  @Post('orders')
  @HttpCode(202)
  async order(@Body(OrderPipe) orders: Order[]) {
    const receipts = await this.desk.order(orders);
    return receipts.map(({ id }) => id);
  }

  /** What was shipped. */
  @Get('shipments')
  list() {
    return this.shipments.list();
  }

  @Post('printer/break')
  @HttpCode(200)
  break() {
    return this.printer.set(true);
  }

  @Post('printer/repair')
  @HttpCode(200)
  repair() {
    return this.printer.set(false);
  }
}
