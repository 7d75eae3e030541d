import type { LoggerService } from '@nestjs/common';
import { isObservable, lastValueFrom } from 'rxjs';
import { isMajorityRedisError } from '../errors.js';
import type { Delivery } from '../queue/queue.js';

/** Does what a message asks for. Resolving means done, throwing means not done. */
export type QueueHandler = (delivery: Delivery) => unknown;

/** ms until a message comes again whose own backoff rule failed. */
const backoffWithoutRule = 1000;

/**
 * Calls a handler and settles the delivery by what comes of it, unless the handler did. Never rejects: what fails is
 * logged, with the message's id and never with its body.
 *
 * @param title of the handler, `Mailer.send()`
 */
export async function handleDelivery(
  delivery: Delivery,
  handler: QueueHandler,
  title: string,
  logger: LoggerService,
): Promise<void> {
  try {
    await settled(() => handler(delivery));
  } catch (error) {
    const fate = await settleFailed(delivery, error);
    logger.error(`${title} failed on ${nameOf(delivery)}, ${fate}: ${textOf(error)}`, stackOf(error));
    return;
  }
  try {
    await delivery.ack();
  } catch (error) {
    if (isSettled(error)) return;
    logger.warn(`${title} is done with ${nameOf(delivery)}, which may come again: ${textOf(error)}`);
  }
}

/** Awaits what a handler returns, an Observable to its end. Rejects with what it throws. */
export async function settled(call: () => unknown): Promise<unknown> {
  const result: unknown = await call();
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}

/** @returns what becomes of the message, in words */
async function settleFailed(delivery: Delivery, error: unknown): Promise<string> {
  const isUnrecoverable = isMajorityRedisError(error) && error.code === 'UNRECOVERABLE_MESSAGE';
  try {
    if (isUnrecoverable) await delivery.reject(error.message);
    else await nack(delivery, error);
    return isUnrecoverable || delivery.attempt >= delivery.maxAttempts
      ? 'which is a dead letter now'
      : 'which comes again';
  } catch (settlingError) {
    return isSettled(settlingError) ? 'which was settled before' : `which comes again (${textOf(settlingError)})`;
  }
}

async function nack(delivery: Delivery, error: unknown): Promise<void> {
  try {
    await delivery.nack({ error });
  } catch (nackError) {
    // a backoff function that throws must not keep the message, and its place among those that are out, for good
    if (!delivery.isHeld || isMajorityRedisError(nackError)) throw nackError;
    await delivery.nack({ delay: backoffWithoutRule });
    throw nackError;
  }
}

function isSettled(error: unknown): boolean {
  return isMajorityRedisError(error) && error.code === 'LEASE_LOST' && error.reason === 'settled';
}

function nameOf({ id, queue, attempt, maxAttempts }: Delivery): string {
  return `message ${id} of queue "${queue}" (attempt ${attempt} of ${maxAttempts})`;
}

function textOf(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  // as RPC errors are
  const message: unknown = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return typeof message === 'string' ? message : `${typeof error} thrown`;
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
