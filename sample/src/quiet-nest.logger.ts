import { ConsoleLogger } from '@nestjs/common';

/** Contexts under which Nest tells of its own start: a line per module and route, which say nothing about the shop. */
const startOfNest = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/**
 * The console as Nest writes it, without what Nest says of its own start, and without debug lines. Warnings and errors
 * are all shown, and everything that the library says.
 */
export class QuietNestLogger extends ConsoleLogger {
  constructor() {
    super({ logLevels: ['log', 'warn', 'error', 'fatal'] });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && startOfNest.has(context)) return;
    super.log(message, ...(rest as [unknown?, ...unknown[]]));
  }
}
