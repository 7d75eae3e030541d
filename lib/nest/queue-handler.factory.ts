import { Injectable } from '@nestjs/common';
import { ContextIdFactory, ExternalContextCreator, ModuleRef } from '@nestjs/core';
import type { ContextId } from '@nestjs/core';
import type { Delivery } from '../queue/queue.js';
import { copyMetadata } from './copy-metadata.js';
import { settled } from './handle-delivery.js';
import type { QueueHandler } from './handle-delivery.js';
import type { ConsumerMethod } from './queue-consumer.explorer.js';

/** Type of the execution context that guards, interceptors and filters see. */
const contextType = 'queue';

type Method = (delivery: Delivery) => unknown;

/** Makes functions of methods: with their instances, and with Nest's enhancers around them where they are wanted. */
@Injectable()
export class QueueHandlerFactory {
  constructor(private readonly contexts: ExternalContextCreator) {}

  create(consumer: ConsumerMethod): QueueHandler {
    const { wrapper } = consumer;
    if (wrapper.isDependencyTreeStatic() && !wrapper.isTransient) {
      return this.handlerOf(consumer, wrapper.instance as object);
    }
    return async (delivery) => {
      const contextId = contextOf(delivery, consumer);
      const instance = await moduleRefOf(consumer).resolve<object>(wrapper.token as never, contextId, { strict: true });
      return this.handlerOf(consumer, instance, contextId)(delivery);
    };
  }

  private handlerOf(
    { name, enhancers, wrapper }: ConsumerMethod,
    instance: object,
    contextId?: ContextId,
  ): QueueHandler {
    const method = (instance as Record<string, Method>)[name]!;
    if (enhancers.length === 0) return (delivery) => method.call(instance, delivery);
    // Nest takes the last value of an Observable, and there may be none
    const awaited = new Proxy(method, {
      apply: (original, self, args: [Delivery]) => settled(() => original.apply(self, args)),
    }) as (...args: unknown[]) => unknown;
    copyMetadata(method, awaited);
    const wanted = {
      guards: enhancers.includes('guards'),
      interceptors: enhancers.includes('interceptors'),
      filters: enhancers.includes('filters'),
    };
    return this.contexts.create(
      instance,
      awaited,
      name,
      undefined,
      undefined,
      contextId,
      contextId === undefined ? undefined : wrapper.id,
      wanted,
      contextType,
    );
  }
}

/** What is made for one delivery has it as its `REQUEST`. */
function contextOf(delivery: Delivery, consumer: ConsumerMethod): ContextId {
  const contextId = ContextIdFactory.getByRequest(delivery);
  const request = consumer.wrapper.isDependencyTreeDurable() ? contextId.payload : delivery;
  moduleRefOf(consumer).registerRequestByContextId(request, contextId);
  return contextId;
}

/** Of the provider's own module, as the same class may stand in others too. */
function moduleRefOf({ wrapper }: ConsumerMethod): ModuleRef {
  return wrapper.host!.providers.get(ModuleRef)!.instance as ModuleRef;
}
