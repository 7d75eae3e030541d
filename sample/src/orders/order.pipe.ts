import { BadRequestException, Injectable } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';
import type { Order } from './order.js';

const longestText = 80;
const mostOrders = 1_000;

/** Takes orders out of the body `{"buyer": "Ada", "item": "poster", "count": 20}`. */
@Injectable()
export class OrderPipe implements PipeTransform<unknown, Order[]> {
  transform(body: unknown): Order[] {
    const {
      buyer,
      item,
      count = 1,
    } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    if (!isText(buyer) || !isText(item)) {
      throw new BadRequestException(
        `buyer and item must be texts of 1 to ${longestText} characters, as JSON: {"buyer": "Ada", "item": "poster"}`,
      );
    }
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > mostOrders) {
      throw new BadRequestException(`count must be a whole number from 1 to ${mostOrders}`);
    }
    return Array.from({ length: count }, () => ({ buyer, item }));
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= longestText;
}
