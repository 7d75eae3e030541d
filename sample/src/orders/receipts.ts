import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { InjectQueue, Queue } from 'nestjs-majority-redis';
import type { Delivery } from 'nestjs-majority-redis';
import { bufferTime, concatMap, filter, retry } from 'rxjs';
import type { Subscription } from 'rxjs';
import { queueNames } from './order.js';

const batchMax = 10;
const batchTime = 1_000;
/** ms before the pipeline is started again after an error. */
const restartDelay = 1_000;

/** Sends receipts in batches, by a pipeline over the queue's Observable: one mail a second, or one for ten receipts. */
@Injectable()
export class Receipts implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Receipts.name);
  private subscription: Subscription | undefined;

  constructor(@InjectQueue(queueNames.receipts) private readonly receipts: Queue<string>) {}

  onApplicationBootstrap(): void {
    this.subscription = this.receipts
      .consume({ concurrency: batchMax })
      .pipe(
        bufferTime(batchTime, null, batchMax),
        filter((batch) => batch.length > 0),
        concatMap((batch) => this.send(batch)),
        retry({ delay: restartDelay }),
      )
      .subscribe();
  }

  /** What is in a batch that was not sent is given back. */
  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
  }

  private async send(batch: readonly Delivery<string>[]): Promise<void> {
    this.logger.log(`${batch.length} receipts sent in one mail`);
    const acks = await Promise.allSettled(batch.map((delivery) => delivery.ack()));
    const failed = acks.filter(({ status }) => status === 'rejected').length;
    if (failed > 0) this.logger.warn(`${failed} of them may be sent again: their acknowledgement failed`);
  }
}
