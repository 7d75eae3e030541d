import { Module } from '@nestjs/common';
import { GroupRegistryModule } from './group-registry.module.js';
import { ConfigurableModuleClass } from './module-definition.js';

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
export class MajorityRedisModule extends ConfigurableModuleClass {}
