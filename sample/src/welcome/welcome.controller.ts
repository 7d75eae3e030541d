import { Controller, Get, Header, Headers } from '@nestjs/common';
import { welcome } from './welcome.js';

@Controller()
export class WelcomeController {
  /** The same lines that the sample prints at its start, with the address the reader has used. */
  @Get()
  @Header('content-type', 'text/plain; charset=utf-8')
  index(@Headers('host') host: string): string {
    return welcome(`http://${host}`);
  }
}
