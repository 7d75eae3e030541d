import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { GroupRegistryModule } from '../nest/group-registry.module.js';
import type { MajorityRedisDashboardExtras, MajorityRedisDashboardOptions } from './dashboard-options.js';
import { ConfigurableModuleClass } from './module-definition.js';

/**
 * Serves a page that shows the groups of the application, live: members, locks that are held, queues, keys. With Express
 * and Fastify. Read-only unless `actions: true`; where NODE_ENV is neither `development` nor `test` nor unset, only with a
 * guard, or `enabled: true`.
 *
 * Import it beside `MajorityRedisModule`, whose groups it finds by itself.
 *
 * @see docs/guides/dashboard.md
 */
@Module({ imports: [GroupRegistryModule] })
export class MajorityRedisDashboardModule extends ConfigurableModuleClass {
  /** @param options all of them optional: without any, all groups at `/majority`, read-only */
  static override forRoot(options: MajorityRedisDashboardOptions & MajorityRedisDashboardExtras = {}): DynamicModule {
    return super.forRoot(options);
  }
}
