import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { Loads } from './loads.js';

/** Load to watch the group under: `POST /load/locks/start`, `/load/kv/stop`, `/load/queue/start`. */
@Controller('load')
export class LoadController {
  constructor(private readonly loads: Loads) {}

  @Get()
  list() {
    return this.loads.views;
  }

  @Post(':kind/start')
  @HttpCode(200)
  start(@Param('kind') kind: string) {
    return this.loads.start(kind);
  }

  @Post(':kind/stop')
  @HttpCode(200)
  stop(@Param('kind') kind: string) {
    return this.loads.stop(kind);
  }
}
