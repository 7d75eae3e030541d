import { BadRequestException, Controller, Get, Param } from '@nestjs/common';
import { isMajorityRedisError, LockService } from 'nestjs-majority-redis';
import type { LockState } from 'nestjs-majority-redis';

/** Any lock as a quorum sees it: who holds it, for how long, and what each member says. */
@Controller('locks')
export class LocksController {
  constructor(private readonly locks: LockService) {}

  @Get(':key')
  async inspect(@Param('key') key: string): Promise<LockState> {
    try {
      return await this.locks.inspect(key);
    } catch (error) {
      // The key comes from the request, so a bad one is the client's fault and not the program's.
      if (isMajorityRedisError(error) && error.code === 'INVALID_OPTIONS') throw new BadRequestException(error.message);
      throw error;
    }
  }
}
