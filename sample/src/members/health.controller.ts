import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService } from '@nestjs/terminus';
import { MajorityRedisHealthIndicator } from 'nestjs-majority-redis/health';

/** For Kubernetes and load balancers: the two probes, which must not be one. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly redis: MajorityRedisHealthIndicator,
  ) {}

  /** Whether this process must be restarted. Never asks the members: a restart would bring none of them back. */
  @Get('live')
  @HealthCheck()
  live() {
    return this.health.check([]);
  }

  /** Whether requests may come here: 200 while a quorum votes, also when a member is missing; 503 without one. */
  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.redis.isHealthy('redis')]);
  }
}
