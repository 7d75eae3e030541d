import { concat, defer, of, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RunningConsumer } from '../../../lib/nest/running-consumer.js';
import type { Delivery } from '../../../lib/queue/queue.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a consumer that fails', () => {
  it('is started again, and tells each failure once until something was delivered', async () => {
    const errors: string[] = [];
    const logger = { log: vi.fn(), warn: vi.fn(), error: (line: string) => void errors.push(line) };
    const delivery = { id: '1', body: 1, attempt: 1, ack: async () => undefined } as unknown as Delivery;
    let starts = 0;
    const deliveries = defer(() => {
      starts += 1;
      const failure = throwError(() => new Error(starts < 6 ? 'no room' : 'no right'));
      return starts === 8 ? concat(of(delivery), failure) : failure;
    });
    const consumer = new RunningConsumer(deliveries, async () => undefined, 'Mailer.send()', 0, logger);
    consumer.start();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(starts).toBeGreaterThan(20);
    expect(errors).toEqual([
      'the consumer Mailer.send() is started again: Error: no room',
      'the consumer Mailer.send() is started again: Error: no right',
      'the consumer Mailer.send() is started again: Error: no right',
    ]);
    await consumer.stop();
  });
});
