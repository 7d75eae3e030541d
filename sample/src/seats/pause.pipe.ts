import { BadRequestException, Injectable } from '@nestjs/common';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';

const longestPauseMs = 15_000;

/** An optional pause in ms, bounded so that nobody keeps the app from closing. */
@Injectable()
export class PausePipe implements PipeTransform<unknown, number | undefined> {
  transform(value: unknown, { data }: ArgumentMetadata): number | undefined {
    if (value === undefined) return undefined;
    const pauseMs = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(pauseMs <= longestPauseMs)) {
      throw new BadRequestException(`${data} must be a whole number of ms from 0 to ${longestPauseMs}`);
    }
    return pauseMs;
  }
}
