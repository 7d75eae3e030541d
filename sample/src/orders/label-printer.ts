import { Injectable } from '@nestjs/common';
import { setTimeout } from 'node:timers/promises';

/** ms that a label takes. */
const printTime = 300;

/** Prints labels for parcels. It can be broken, so that retries and dead letters can be watched. */
@Injectable()
export class LabelPrinter {
  private isBroken = false;

  /** @throws Error while it is broken; the signal's reason when that aborts */
  async print(buyer: string, signal: AbortSignal): Promise<string> {
    await setTimeout(printTime, undefined, { signal }).catch(() => signal.throwIfAborted());
    if (this.isBroken) throw new Error('the label printer is broken');
    return `to ${buyer}`;
  }

  /** @param isBroken whether it fails from now on */
  set(isBroken: boolean): { printer: 'broken' | 'works' } {
    this.isBroken = isBroken;
    return { printer: isBroken ? 'broken' : 'works' };
  }
}
