import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { GroupRegistryModule } from './group-registry.module.js';
import { ConfigurableQueueModule } from './queue-module.definition.js';

/** One registered queue. */
@Module({ imports: [GroupRegistryModule] })
export class QueueModule extends ConfigurableQueueModule {}

/** The queues of one `registerQueue()`. */
@Module({})
export class RegisteredQueuesModule {
  static of(queues: DynamicModule[]): DynamicModule {
    return { module: RegisteredQueuesModule, imports: queues, exports: queues };
  }
}
