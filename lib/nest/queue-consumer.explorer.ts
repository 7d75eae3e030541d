import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { InvalidOptionsError } from '../errors.js';
import { allowed } from './messages.js';
import { getQueueConsumerMetadata } from './queue-consumer-metadata.accessor.js';
import type { QueueConsumerMetadata } from './queue-consumer-metadata.accessor.js';

/** Nest's wrapper of a provider. */
export type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** One consuming method of one provider. */
export interface ConsumerMethod extends QueueConsumerMetadata {
  readonly wrapper: ProviderWrapper;
  /** Of the class: what is made per delivery is not there yet. */
  readonly prototype: object;
  readonly name: string;
  /** `Mailer.send` */
  readonly title: string;
}

/** Finds the methods decorated with `@QueueConsumer()`. */
@Injectable()
export class QueueConsumerExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws InvalidOptionsError for a controller's method */
  explore(): ConsumerMethod[] {
    for (const wrapper of this.discovery.getControllers()) {
      const [method] = this.methodsOf(wrapper);
      if (method) throw new InvalidOptionsError('target of @QueueConsumer()', allowed.consumerHost, method.title);
    }
    // one instance under several tokens is one consumer
    const seen = new Set<unknown>();
    return this.discovery.getProviders().flatMap((wrapper) => {
      const { instance } = wrapper;
      if (wrapper.isAlias || seen.has(instance)) return [];
      if (isObject(instance)) seen.add(instance);
      return this.methodsOf(wrapper);
    });
  }

  private methodsOf(wrapper: ProviderWrapper): ConsumerMethod[] {
    const prototype = prototypeOf(wrapper);
    if (prototype === undefined) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const method = (prototype as Record<string, object>)[name]!;
      const title = `${prototype.constructor.name}.${name}`;
      return getQueueConsumerMetadata(method).map((consumer) => ({ ...consumer, wrapper, prototype, name, title }));
    });
  }
}

/** Of what a factory makes per request nothing is known before. */
function prototypeOf({ metatype, inject, instance }: ProviderWrapper): object | undefined {
  if (isObject(instance)) return Object.getPrototypeOf(instance) as object | undefined;
  const prototype: unknown = inject ? undefined : metatype?.prototype;
  return isObject(prototype) ? prototype : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
