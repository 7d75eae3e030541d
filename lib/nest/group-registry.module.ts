import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { GroupRegistry } from './group.registry.js';
import { LockedMethodExplorer } from './locked-method.explorer.js';
import { LockedMethodOrchestrator } from './locked-method.orchestrator.js';
import { QueueConsumerExplorer } from './queue-consumer.explorer.js';
import { QueueConsumerOrchestrator } from './queue-consumer.orchestrator.js';
import { QueueHandlerFactory } from './queue-handler.factory.js';
import { QueueRegistry } from './queue.registry.js';

/**
 * What all groups of one application share. Global because Nest runs the shutdown hooks of global modules last: the
 * connections close when everything that may use them is through.
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    GroupRegistry,
    LockedMethodExplorer,
    LockedMethodOrchestrator,
    QueueRegistry,
    QueueConsumerExplorer,
    QueueConsumerOrchestrator,
    QueueHandlerFactory,
  ],
  exports: [GroupRegistry, QueueRegistry],
})
export class GroupRegistryModule {}
