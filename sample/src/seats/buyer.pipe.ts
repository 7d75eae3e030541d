import { BadRequestException, Injectable } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';

const longestName = 80;

/** Takes the buyer's name out of the body `{"buyer": "Ada"}`. */
@Injectable()
export class BuyerPipe implements PipeTransform<unknown, string> {
  transform(body: unknown): string {
    const buyer = typeof body === 'object' && body !== null && 'buyer' in body ? body.buyer : undefined;
    if (typeof buyer !== 'string' || buyer.trim() === '' || buyer.length > longestName) {
      throw new BadRequestException(
        `buyer must be a name of 1 to ${longestName} characters, as JSON: {"buyer": "Ada"}`,
      );
    }
    return buyer.trim();
  }
}
