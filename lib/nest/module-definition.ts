import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { connectMajorityRedis } from '../connect.js';
import type { MajorityRedis } from '../connect.js';
import { GroupRegistry } from './group.registry.js';
import type { ConnectGroup } from './group.registry.js';
import type { MajorityRedisModuleExtras, MajorityRedisModuleOptions } from './module-options.js';
import {
  defaultGroup,
  getLockServiceToken,
  getMajorityRedisServiceToken,
  getQueueServiceToken,
  getQuorumKvServiceToken,
  groupConnection,
  groupConnector,
  groupOptions,
} from './tokens.js';

export const { ConfigurableModuleClass } = defineGroupModule<MajorityRedisModuleOptions>(connectMajorityRedis);

/** The base of a module that connects a group and provides its services, with `forRoot()` and `forRootAsync()`. */
export function defineGroupModule<Options extends object>(connectGroup: ConnectGroup) {
  return new ConfigurableModuleBuilder<Options>({ moduleName: 'MajorityRedis', optionsInjectionToken: groupOptions })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createMajorityRedisOptions')
    .setExtras<MajorityRedisModuleExtras>({ name: defaultGroup, isGlobal: false }, (definition, extras) =>
      withServicesOfGroup(definition, extras, connectGroup),
    )
    .build();
}

function withServicesOfGroup(
  definition: DynamicModule,
  { name, isGlobal }: MajorityRedisModuleExtras,
  connectGroup: ConnectGroup,
): DynamicModule {
  const group = getMajorityRedisServiceToken(name);
  const locks = getLockServiceToken(name);
  const queues = getQueueServiceToken(name);
  const kv = getQuorumKvServiceToken(name);
  return {
    ...definition,
    global: isGlobal,
    providers: [
      ...(definition.providers ?? []),
      { provide: groupConnector, useValue: connectGroup },
      {
        // async: Nest waits for the connection, and a failed start rejects the creation of the application
        provide: groupConnection,
        useFactory: (options: MajorityRedisModuleOptions, groups: GroupRegistry, connect: ConnectGroup) =>
          groups.connect(name, options, connect),
        inject: [groupOptions, GroupRegistry, groupConnector],
      },
      { provide: group, useFactory: (connection: MajorityRedis) => connection.group, inject: [groupConnection] },
      { provide: locks, useFactory: (connection: MajorityRedis) => connection.locks, inject: [groupConnection] },
      { provide: queues, useFactory: (connection: MajorityRedis) => connection.queues, inject: [groupConnection] },
      { provide: kv, useFactory: (connection: MajorityRedis) => connection.kv, inject: [groupConnection] },
    ],
    exports: [...(definition.exports ?? []), group, locks, queues, kv],
  };
}
