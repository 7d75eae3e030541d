import type { LoggerService } from '@nestjs/common';
import { retry, timer } from 'rxjs';
import type { Observable, Subscription } from 'rxjs';
import type { Delivery } from '../queue/queue.js';
import { systemClock } from '../runtime/clock.js';
import { pause } from '../runtime/pause.js';
import { handleDelivery } from './handle-delivery.js';
import type { QueueHandler } from './handle-delivery.js';

/** ms that giving back may take after the grace time. */
const giveBackMax = 2000;
/** ms before a consumption that failed by a mistake is tried again. */
const restartDelay = 1000;

/** One consumer at work: hands each delivery to its handler, and lets running handlers finish when it stops. */
export class RunningConsumer {
  private readonly handling = new Map<Delivery, Promise<void>>();
  private subscription: Subscription | undefined;

  constructor(
    private readonly deliveries: Observable<Delivery>,
    private readonly handler: QueueHandler,
    /** `Mailer.send()` */
    private readonly title: string,
    /** ms; that of the deliveries' own consumption. */
    private readonly drainTimeout: number,
    private readonly logger: LoggerService,
  ) {}

  start(): void {
    const { logger, title } = this;
    // the same failure is told once, until something was delivered
    let told: string | undefined;
    const restart = (error: unknown): Observable<unknown> => {
      const text = String(error);
      if (text !== told) logger.error(`the consumer ${title} is started again: ${text}`);
      told = text;
      return timer(restartDelay);
    };
    this.subscription = this.deliveries.pipe(retry({ delay: restart })).subscribe((delivery) => {
      told = undefined;
      this.take(delivery);
    });
  }

  /**
   * Leases no more. Resolves when all handlers are through; what is not through within the grace time is given back at
   * once, and its handler told by the signal.
   */
  async stop(): Promise<void> {
    this.subscription?.unsubscribe();
    if (this.handling.size === 0) return;
    const ended = new AbortController();
    const all = [...this.handling].map(([delivery, handled]) => Promise.race([handled, givenBack(delivery)]));
    void Promise.all(all).then(() => ended.abort());
    await pause(systemClock, this.drainTimeout + giveBackMax, ended.signal);
    if (this.handling.size > 0) {
      this.logger.warn(`${this.title} still handles ${this.handling.size} messages, which were given back`);
    }
  }

  private take(delivery: Delivery): void {
    const handled = handleDelivery(delivery, this.handler, this.title, this.logger).finally(() =>
      this.handling.delete(delivery),
    );
    this.handling.set(delivery, handled);
  }
}

/** Resolves when the delivery was taken from its handler, and the members know. */
async function givenBack(delivery: Delivery): Promise<void> {
  const { signal } = delivery;
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await delivery.giveBack().catch(() => undefined);
}
