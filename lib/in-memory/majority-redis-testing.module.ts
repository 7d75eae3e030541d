import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { ConnectHooks, MajorityRedis, MajorityRedisOptions } from '../connect.js';
import { GroupRegistryModule } from '../nest/group-registry.module.js';
import { defineGroupModule } from '../nest/module-definition.js';
import type { MajorityRedisModuleExtras } from '../nest/module-options.js';
import { defaultGroup, groupConnector } from '../nest/tokens.js';
import { connectInMemory, type InMemoryOptions } from './connect-in-memory.js';
import type { MemoryGroup } from './memory-group.js';

/** What `MajorityRedisTestingModule.forRoot()` takes: what the real one does, but for where the servers are. */
export type MajorityRedisTestingModuleOptions = Omit<InMemoryOptions, 'name'>;

const { ConfigurableModuleClass } = defineGroupModule<MajorityRedisTestingModuleOptions>(connectWithoutServers());

/**
 * Stands in for `MajorityRedisModule` in unit tests: the same services, tokens and decorators, on members that live in
 * this process and are gone with the application.
 *
 * @see docs/guides/testing.md
 */
@Module({ imports: [GroupRegistryModule] })
export class MajorityRedisTestingModule extends ConfigurableModuleClass {
  /** As the real module's, without `nodes`. @throws as that does */
  static override forRoot(options: MajorityRedisTestingModuleOptions & MajorityRedisModuleExtras = {}): DynamicModule {
    return super.forRoot(options);
  }
}

/** What is used of the builder that `Test.createTestingModule()` of @nestjs/testing returns. */
export interface OverridableBuilder {
  /** @returns what gives the provider another value */
  overrideProvider(token: unknown): {
    /** Gives the provider this value. */
    useValue(value: unknown): unknown;
  };
}

/**
 * Lets all groups of an application live in this process, whatever servers its modules name: for tests of a whole
 * `AppModule` that imports the real `MajorityRedisModule`.
 *
 * @param builder what `Test.createTestingModule()` returned, before `compile()`
 * @param groups the members of some groups, by name, to share them or to stop some; the others get one each
 * @returns the builder
 */
export function withInMemoryGroups<Builder extends OverridableBuilder>(
  builder: Builder,
  groups: Readonly<Record<string, MemoryGroup>> = {},
): Builder {
  builder.overrideProvider(groupConnector).useValue(connectWithoutServers(groups));
  return builder;
}

function connectWithoutServers(groups: Readonly<Record<string, MemoryGroup>> = {}) {
  return (options: MajorityRedisOptions & InMemoryOptions, hooks?: ConnectHooks): Promise<MajorityRedis> => {
    const { nodes: _nodes, groupSize: _groupSize, ...others } = options;
    return connectInMemory({ group: groups[options.name ?? defaultGroup], ...others }, hooks);
  };
}
