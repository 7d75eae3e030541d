import { ForbiddenException, Inject, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { messages } from './messages.js';
import type { ResolvedDashboardOptions } from './resolve-dashboard-options.js';
import { dashboardOptions } from './tokens.js';
import { actionHeader } from './wire.js';

interface HeadersOf {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * Lets actions pass when they are allowed, and when they come from the dashboard's own page: a visitor's browser must not
 * be made to act by the page of another site.
 */
@Injectable()
export class ActionsGuard implements CanActivate {
  constructor(@Inject(dashboardOptions) private readonly options: ResolvedDashboardOptions) {}

  /** @throws ForbiddenException with what is missing */
  canActivate(context: ExecutionContext): boolean {
    if (!this.options.actions) throw new ForbiddenException(messages.readOnly);
    const { headers } = context.switchToHttp().getRequest<HeadersOf>();
    if (headers[actionHeader] === undefined || !isSameOrigin(headers)) throw new ForbiddenException(messages.crossSite);
    return true;
  }
}

/**
 * The header alone would do, but for applications that allow it to other sites by CORS. Browsers tell where a request
 * comes from; programs like curl tell nothing, and cannot be misled.
 */
function isSameOrigin(headers: HeadersOf['headers']): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return typeof origin === 'string' && URL.canParse(origin) && new URL(origin).host === host;
}
