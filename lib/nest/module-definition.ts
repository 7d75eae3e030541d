import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { MajorityRedis } from '../connect.js';
import { GroupRegistry } from './group.registry.js';
import type { MajorityRedisModuleExtras, MajorityRedisModuleOptions } from './module-options.js';
import {
  defaultGroup,
  getLockServiceToken,
  getMajorityRedisServiceToken,
  getQueueServiceToken,
  getQuorumKvServiceToken,
  groupConnection,
} from './tokens.js';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<MajorityRedisModuleOptions>({ moduleName: 'MajorityRedis' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createMajorityRedisOptions')
    .setExtras<MajorityRedisModuleExtras>({ name: defaultGroup, isGlobal: false }, withServicesOfGroup)
    .build();

function withServicesOfGroup(definition: DynamicModule, { name, isGlobal }: MajorityRedisModuleExtras): DynamicModule {
  const group = getMajorityRedisServiceToken(name);
  const locks = getLockServiceToken(name);
  const queues = getQueueServiceToken(name);
  const kv = getQuorumKvServiceToken(name);
  return {
    ...definition,
    global: isGlobal,
    providers: [
      ...(definition.providers ?? []),
      {
        // async: Nest waits for the connection, and a failed start rejects the creation of the application
        provide: groupConnection,
        useFactory: (options: MajorityRedisModuleOptions, groups: GroupRegistry) => groups.connect(name, options),
        inject: [MODULE_OPTIONS_TOKEN, GroupRegistry],
      },
      { provide: group, useFactory: (connection: MajorityRedis) => connection.group, inject: [groupConnection] },
      { provide: locks, useFactory: (connection: MajorityRedis) => connection.locks, inject: [groupConnection] },
      { provide: queues, useFactory: (connection: MajorityRedis) => connection.queues, inject: [groupConnection] },
      { provide: kv, useFactory: (connection: MajorityRedis) => connection.kv, inject: [groupConnection] },
    ],
    exports: [...(definition.exports ?? []), group, locks, queues, kv],
  };
}
