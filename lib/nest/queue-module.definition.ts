import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { InvalidOptionsError } from '../errors.js';
import { show } from '../options/checks.js';
import { checkQueueName } from '../queue/resolve-queue-options.js';
import { allowed } from './messages.js';
import type { QueueRegistrationExtras, QueueRegistrationOptions } from './queue-registration.js';
import { QueueRegistry } from './queue.registry.js';
import { defaultGroup, getQueueToken } from './tokens.js';

/** Its `register()` and `registerAsync()` make the module of one queue. */
export const { ConfigurableModuleClass: ConfigurableQueueModule, MODULE_OPTIONS_TOKEN: QUEUE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<QueueRegistrationOptions>({ moduleName: 'MajorityRedisQueue' })
    .setFactoryMethodName('createQueueOptions')
    .setExtras<QueueRegistrationExtras>({ name: '', group: defaultGroup }, withQueue)
    .build();

function withQueue(definition: DynamicModule, { name, group = defaultGroup }: QueueRegistrationExtras): DynamicModule {
  checkQueueName(name);
  if (typeof group !== 'string' || group === '') {
    throw new InvalidOptionsError(`group of queue "${name}"`, allowed.group, show(group));
  }
  const queue = getQueueToken(name, group);
  return {
    ...definition,
    providers: [
      ...(definition.providers ?? []),
      {
        // async: nobody has the queue before its defaults are set
        provide: queue,
        useFactory: (options: QueueRegistrationOptions, queues: QueueRegistry) => queues.register(group, name, options),
        inject: [QUEUE_OPTIONS_TOKEN, QueueRegistry],
      },
    ],
    exports: [...(definition.exports ?? []), queue],
  };
}
