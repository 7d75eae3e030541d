import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { InvalidOptionsError } from '../errors.js';
import { show } from '../options/checks.js';
import { GroupRegistryModule } from './group-registry.module.js';
import { allowed } from './messages.js';
import { ConfigurableModuleClass } from './module-definition.js';
import { QueueModule, RegisteredQueuesModule } from './queue.module.js';
import type { QueueAsyncRegistration, QueueRegistration } from './queue-registration.js';

/**
 * One group of members with its services: `LockService` and `MajorityRedisService`, or those that
 * `getLockServiceToken(name)` and `getMajorityRedisServiceToken(name)` stand for. Several groups stand side by side
 * when each has a `name` of its own.
 *
 * The application starts when a quorum of members votes. Otherwise its creation rejects with `NoQuorumError`, or with
 * `InvalidOptionsError` for bad options. `app.close()` releases the locks and closes the group's own connections as
 * its last step, so that shutdown hooks can still use them.
 *
 * @see docs/guides/nest.md
 */
@Module({ imports: [GroupRegistryModule] })
export class MajorityRedisModule extends ConfigurableModuleClass {
  /**
   * Registers queues: sets what holds for them in this application, and makes each injectable by `@InjectQueue(name)` in
   * the modules that import what is returned here. The group may be imported anywhere in the application.
   *
   * @throws InvalidOptionsError for a bad name; the application is not created for bad options, a group that it does not
   * have, and a queue that is registered twice or used before
   * @see docs/guides/queue.md#register-a-queue
   */
  static registerQueue(...queues: QueueRegistration[]): DynamicModule {
    return RegisteredQueuesModule.of(
      queues.map((queue) => {
        checkRegistration(queue);
        return QueueModule.register(queue);
      }),
    );
  }

  /**
   * As `registerQueue()`, with options that come from a factory, a class or an existing provider.
   *
   * @throws InvalidOptionsError also where none of these is given
   */
  static registerQueueAsync(...queues: QueueAsyncRegistration[]): DynamicModule {
    return RegisteredQueuesModule.of(
      queues.map((queue) => {
        checkRegistration(queue);
        if (!queue.useFactory && !queue.useClass && !queue.useExisting) {
          const what = `registerQueueAsync() of queue ${show(queue.name)}`;
          throw new InvalidOptionsError(what, allowed.asyncRegistration, 'none');
        }
        return QueueModule.registerAsync(queue);
      }),
    );
  }
}

function checkRegistration(queue: unknown): void {
  if (typeof queue === 'object' && queue !== null) return;
  throw new InvalidOptionsError('registration of a queue', allowed.registration, show(queue));
}
