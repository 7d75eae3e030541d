import { filesBelow, read } from '../../support/repository.js';

/** A piece of code that a page shows. */
export interface Block {
  readonly page: string;
  /** The heading it stands under, and which one there, if it is not the first: `Import the module`, `Import the module (2)`. */
  readonly title: string;
  /** What stands behind the backticks: `ts`, `sh` and so on. */
  readonly language: string;
  readonly code: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
}

/** All pages that are read by users. */
export const pages: readonly string[] = ['README.md', ...filesBelow('docs').filter((path) => path.endsWith('.md'))];

export function blocksOf(page: string, text = read(page)): Block[] {
  const blocks: Block[] = [];
  const seen = new Map<string, number>();
  let heading = '';
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^\s*```(.*)$/.exec(line);
    if (open !== undefined && fence === null) open.lines.push(line);
    else if (open !== undefined) {
      const count = (seen.get(heading) ?? 0) + 1;
      seen.set(heading, count);
      const title = count === 1 ? heading : `${heading} (${count})`;
      blocks.push({ page, title, language: open.language, code: `${open.lines.join('\n')}\n`, line: open.line });
      open = undefined;
    } else if (fence !== null) open = { language: fence[1]!, line: index + 2, lines: [] };
    else heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
  }
  if (open !== undefined) throw new Error(`${page}: the code block at line ${open.line} has no end`);
  return blocks;
}

/** @param language all pages' blocks of it; without it, of every language */
export function allBlocks(language?: string): Block[] {
  return pages.flatMap((page) => blocksOf(page)).filter((block) => !language || block.language === language);
}

/** The only one of that name; throws when the page has changed. */
export function blockOf(page: string, title: string): Block {
  const block = blocksOf(page).find((each) => each.title === title);
  if (block === undefined) throw new Error(`${page} has no code block under "${title}"`);
  return block;
}
