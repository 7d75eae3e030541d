import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { MajorityRedisHealthIndicator } from './majority-redis-health.indicator.js';

/** Provides `MajorityRedisHealthIndicator`. The groups may be imported anywhere in the application. */
@Module({
  imports: [TerminusModule],
  providers: [MajorityRedisHealthIndicator],
  exports: [MajorityRedisHealthIndicator],
})
export class MajorityRedisHealthModule {}
