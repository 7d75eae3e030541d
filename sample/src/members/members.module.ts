import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { MajorityRedisHealthModule } from 'nestjs-majority-redis/health';
import { HealthController } from './health.controller.js';
import { MemberActions } from './member-actions.js';
import { MembersController } from './members.controller.js';
import { Servers } from './servers.js';

@Module({})
export class MembersModule {
  static forServers(servers: Servers): DynamicModule {
    return {
      module: MembersModule,
      imports: [TerminusModule.forRoot({ logger: false }), MajorityRedisHealthModule],
      controllers: [MembersController, HealthController],
      providers: [{ provide: Servers, useValue: servers }, MemberActions],
    };
  }
}
