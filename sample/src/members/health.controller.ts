import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { MajorityRedisService } from 'nestjs-majority-redis';

/** For load balancers: 200 while a quorum votes, 503 otherwise. */
@Controller('health')
export class HealthController {
  constructor(private readonly group: MajorityRedisService) {}

  @Get()
  check() {
    const { hasQuorum, voting, groupSize, quorum, members } = this.group.status();
    const health = {
      status: hasQuorum ? 'ok' : 'no quorum',
      voting: `${voting} of ${groupSize}`,
      quorum,
      members: Object.fromEntries(members.map(({ name, state }) => [name, state])),
    };
    if (!hasQuorum) throw new ServiceUnavailableException(health);
    return health;
  }
}
