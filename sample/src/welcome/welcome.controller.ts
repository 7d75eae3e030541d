import { readFile } from 'node:fs/promises';
import { Controller, Get, Header, Headers, NotFoundException, Param, StreamableFile } from '@nestjs/common';
import { welcome } from './welcome.js';

const types: Readonly<Record<string, string>> = {
  'start.css': 'text/css; charset=utf-8',
  'start.js': 'text/javascript; charset=utf-8',
};

@Controller()
export class WelcomeController {
  /**
   * For a browser the start page: the dashboard with buttons to break the group. Others get lines to try, with the address
   * that they have used.
   */
  @Get()
  @Header('vary', 'accept')
  async index(@Headers('host') host: string, @Headers('accept') accept = ''): Promise<StreamableFile> {
    if (accept.includes('text/html')) return file('start.html', 'text/html; charset=utf-8');
    return new StreamableFile(Buffer.from(welcome(`http://${host}`)), { type: 'text/plain; charset=utf-8' });
  }

  @Get('start/:name')
  async startFile(@Param('name') name: string): Promise<StreamableFile> {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) throw new NotFoundException();
    return file(name, type);
  }
}

async function file(name: string, type: string): Promise<StreamableFile> {
  return new StreamableFile(await readFile(new URL(`./page/${name}`, import.meta.url)), { type });
}
