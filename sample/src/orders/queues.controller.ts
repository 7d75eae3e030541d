import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ShopQueues } from './shop-queues.js';

/** The queues as their operator sees them. */
@Controller('queues')
export class QueuesController {
  constructor(private readonly queues: ShopQueues) {}

  @Get()
  async list() {
    const states = this.queues.all.map(async (queue) => {
      const [size, isPaused] = await Promise.all([queue.size(), queue.isPaused()]);
      return [queue.name, { ...size, isPaused }] as const;
    });
    return Object.fromEntries(await Promise.all(states));
  }

  @Get(':name/dead-letters')
  deadLetters(@Param('name') name: string) {
    return this.queues.get(name).deadLetters();
  }

  /** Makes the dead letters ready again, with all their attempts before them. */
  @Post(':name/redrive')
  @HttpCode(200)
  async redrive(@Param('name') name: string) {
    return { redriven: await this.queues.get(name).redrive() };
  }

  @Post(':name/pause')
  @HttpCode(200)
  async pause(@Param('name') name: string) {
    await this.queues.get(name).pause();
    return { isPaused: true };
  }

  @Post(':name/resume')
  @HttpCode(200)
  async resume(@Param('name') name: string) {
    await this.queues.get(name).resume();
    return { isPaused: false };
  }
}
