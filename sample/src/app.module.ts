import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { MajorityRedisExceptionFilter, MajorityRedisModule } from 'nestjs-majority-redis';
import { MajorityRedisDashboardModule } from 'nestjs-majority-redis/dashboard';
import { LoadModule } from './load/load.module.js';
import { LocksController } from './locks/locks.controller.js';
import { MembersModule } from './members/members.module.js';
import type { Servers } from './members/servers.js';
import { groupOptions } from './sample-config.js';
import { SeatsModule } from './seats/seats.module.js';
import { WelcomeController } from './welcome/welcome.controller.js';

/** A ticket shop over the given servers. */
@Module({})
export class AppModule {
  static forServers(servers: Servers): DynamicModule {
    return {
      module: AppModule,
      imports: [
        MajorityRedisModule.forRoot({ ...groupOptions, nodes: servers.urls, isGlobal: true }),
        // a demonstration, so everybody may look and act; an application gives a guard
        MajorityRedisDashboardModule.forRoot({ enabled: true, actions: true, values: true }),
        MembersModule.forServers(servers),
        LoadModule,
        SeatsModule,
      ],
      controllers: [WelcomeController, LocksController],
      providers: [{ provide: APP_FILTER, useClass: MajorityRedisExceptionFilter }],
    };
  }
}
