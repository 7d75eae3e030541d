import { Get, NotFoundException, Param, Req, StreamableFile } from '@nestjs/common';
import { PageFiles } from './page-files.js';
import { SecurityHeaders } from './security-headers.js';

/** What requests of Express and Fastify have in common. */
interface PageRequest {
  readonly originalUrl: string;
}

/** The page and what it links to. */
export class PageController {
  private readonly files = new PageFiles();

  @Get()
  @SecurityHeaders()
  page(@Req() request: PageRequest): StreamableFile {
    const html = this.files.htmlFor(baseOf(request.originalUrl));
    return new StreamableFile(Buffer.from(html), { type: 'text/html; charset=utf-8' });
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
