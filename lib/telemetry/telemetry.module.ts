import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { GroupRegistryModule } from '../nest/group-registry.module.js';
import { GroupInstrumentor } from './group-instrumentor.js';
import { ConfigurableModuleClass } from './module-definition.js';
import type { MajorityRedisTelemetryOptions } from './telemetry-options.js';

/**
 * Measures and traces the groups of the application through OpenTelemetry: locks, queues with their consumers, key-value
 * store, members. Import it beside `MajorityRedisModule`, whose groups it finds by itself; it is undone at shutdown.
 *
 * @see docs/guides/telemetry.md
 */
@Module({ imports: [GroupRegistryModule], providers: [GroupInstrumentor] })
export class MajorityRedisTelemetryModule extends ConfigurableModuleClass {
  /** @param options all of them optional: without any, all groups, and no queue's depth and age */
  static override forRoot(options: MajorityRedisTelemetryOptions = {}): DynamicModule {
    return super.forRoot(options);
  }
}
