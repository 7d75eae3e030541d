import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { MajorityRedisService } from 'nestjs-majority-redis';
import { MemberActions } from './member-actions.js';

/** The group as this app sees it, and the switches to break it. */
@Controller('members')
export class MembersController {
  constructor(
    private readonly group: MajorityRedisService,
    private readonly actions: MemberActions,
  ) {}

  @Get()
  list() {
    const status = this.group.status();
    return {
      ...status,
      members: status.members.map((member) => ({ ...member, server: this.actions.view(member.name) })),
    };
  }

  @Post(':name/:action')
  @HttpCode(200)
  act(@Param('name') name: string, @Param('action') action: string) {
    return this.actions.run(name, action);
  }
}
