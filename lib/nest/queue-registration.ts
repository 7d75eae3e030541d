import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { QueueDefaults } from '../queue/queue-options.js';
import type { QueueConsumerDefaults } from './queue-consumer-options.js';

/** What the factories of `registerQueueAsync()` return. */
export interface QueueRegistrationOptions extends QueueDefaults {
  /**
   * What holds for this application's `@QueueConsumer()`s of the queue unless the decorator says otherwise. Decorators run
   * before there is a configuration; a factory can ask for it.
   */
  consumer?: QueueConsumerDefaults;
}

/** What stands beside them, as it decides about the token. */
export interface QueueRegistrationExtras {
  /** 1 to 512 characters. */
  name: string;
  /** Name of the group that keeps the queue. @default 'default' */
  group?: string;
}

/** A queue of `registerQueue()`. */
export type QueueRegistration = QueueRegistrationExtras & QueueRegistrationOptions;

/** A queue of `registerQueueAsync()`: with `useFactory`, `useClass` or `useExisting`. */
export type QueueAsyncRegistration = QueueRegistrationExtras &
  ConfigurableModuleAsyncOptions<QueueRegistrationOptions, 'createQueueOptions'>;

/** The interface of a class given as `useClass` or `useExisting`. */
export interface QueueRegistrationOptionsFactory {
  /** Called once, when the module is set up. */
  createQueueOptions(): QueueRegistrationOptions | Promise<QueueRegistrationOptions>;
}
