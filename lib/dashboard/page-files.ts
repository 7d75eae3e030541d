import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { messages } from './messages.js';

/** Where the build puts the page: see scripts/support/build-page.mjs. */
const folder = new URL('./page/', import.meta.url);

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** One file of the page. */
export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

/** The page as it was built: read once, when it is asked for first. */
export class PageFiles {
  private html: string | undefined;
  private assets: ReadonlyMap<string, PageFile> | undefined;

  /**
   * The page, with links to its files.
   *
   * @param base the folder that stands for the dashboard's path, relative to where the page was asked for
   * @throws Error when the page was not built
   */
  htmlFor(base: string): string {
    this.html ??= readPage();
    return this.html.replaceAll('"./assets/', `"${base}assets/`);
  }

  /** A file that the page links to: one of those that were built, whatever the name looks like. */
  asset(name: string): PageFile | undefined {
    this.assets ??= readAssets();
    return this.assets.get(name);
  }
}

function readPage(): string {
  const file = new URL('index.html', folder);
  if (!existsSync(new URL('assets', folder))) throw new Error(messages.noPage);
  return readFileSync(file, 'utf8');
}

function readAssets(): Map<string, PageFile> {
  const assets = new URL('assets/', folder);
  const names = existsSync(assets) ? readdirSync(assets) : [];
  return new Map(
    names.flatMap((name) => {
      const type = types[extname(name)];
      return type === undefined ? [] : [[name, { type, content: readFileSync(new URL(name, assets)) }]];
    }),
  );
}
