import { Get, NotFoundException, Param, Req, SetMetadata, StreamableFile } from '@nestjs/common';
import { PageFiles } from './page-files.js';
import { SecurityHeaders } from './security-headers.js';

/** What requests of Express and Fastify have in common. */
interface PageRequest {
  readonly originalUrl: string;
}

/**
 * Where Nest's Fastify adapter looks for a route's constraints; `RouteConstraints` writes it, but is in a package that
 * applications on Express do not have.
 */
const fastifyConstraints = '__fastify_route_constraints__';

/** The page and what it links to. */
export class PageController {
  private readonly files = new PageFiles();

  @Get()
  @SecurityHeaders()
  page(@Req() request: PageRequest): StreamableFile {
    const html = this.files.htmlFor(baseOf(request.originalUrl));
    return new StreamableFile(Buffer.from(html), { type: 'text/html; charset=utf-8' });
  }

  /**
   * The same for an address with a slash at its end, which Fastify takes for another one. Nest takes one slash from the
   * end of a path, so two leave one.
   */
  @Get('//')
  // any host: with `ignoreTrailingSlash` it would be the route above a second time, which Fastify refuses
  @SetMetadata(fastifyConstraints, { host: /^/ })
  @SecurityHeaders()
  pageBelowSlash(@Req() request: PageRequest): StreamableFile {
    return this.page(request);
  }

  /** Names carry a hash of the content. */
  @Get('assets/:name')
  @SecurityHeaders('private, max-age=31536000, immutable')
  asset(@Param('name') name: string): StreamableFile {
    const file = this.files.asset(name);
    if (!file) throw new NotFoundException();
    return new StreamableFile(file.content, { type: file.type });
  }
}

/**
 * What the page's links begin with. Browsers resolve it against the address that they asked for, so prefixes of the
 * application or of a proxy need not be known: only the last segment, unless there is a slash at the end.
 */
function baseOf(url: string): string {
  const [path = ''] = url.split('?');
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last === '' ? './' : `./${encodeURIComponent(decodeSegment(last))}/`;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
