import { applyDecorators, Header } from '@nestjs/common';

/** Everything comes from where the page comes from; nothing is written into the page as markup or code. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  // the icon stands in the page itself
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** On every route of the dashboard but the stream, whose headers are Nest's. Data is not kept unless said otherwise. */
export function SecurityHeaders(cacheControl = 'no-store'): MethodDecorator {
  return applyDecorators(
    Header('Cache-Control', cacheControl),
    Header('Content-Security-Policy', contentSecurityPolicy),
    Header('X-Content-Type-Options', 'nosniff'),
    Header('X-Frame-Options', 'SAMEORIGIN'),
    Header('Referrer-Policy', 'no-referrer'),
    Header('Cross-Origin-Resource-Policy', 'same-origin'),
  );
}
