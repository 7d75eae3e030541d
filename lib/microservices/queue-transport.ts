/**
 * Names this transport where an application has several: `@EventPattern('emails', queueTransport)` is served from queues
 * only. A pattern that names no transport is bound to all of them.
 */
export const queueTransport: unique symbol = Symbol.for('nestjs-majority-redis: queue transport');
