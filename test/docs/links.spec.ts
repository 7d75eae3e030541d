import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { read, root } from '../support/repository.js';
import { pages } from './support/blocks.js';

const all = [...pages, 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md'];

const proseOf = (page: string): string => read(page).replaceAll(/^\s*```.*?^\s*```$/gms, '');

/** As GitHub makes them. */
const anchorsOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

interface Link {
  readonly page: string;
  readonly target: string;
  /** Path from the root of the repository. */
  readonly path: string;
  readonly anchor: string | undefined;
}

function linksOf(page: string): Link[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^https?:/.test(target))
    .map((target) => {
      const [file, anchor] = target.split('#');
      return { page, target, path: file === '' ? page : join(dirname(page), file!), anchor };
    });
}

const links = all.flatMap(linksOf);
const told = ({ page, target }: Link): string => `${page}: ${target}`;

describe('links in README and docs', () => {
  it('lead to files that there are', () => {
    expect(links.length).toBeGreaterThan(60);
    expect(links.filter(({ path }) => !existsSync(root + path)).map(told)).toEqual([]);
  });

  it('lead to headings that there are', () => {
    const broken = links.filter(
      ({ path, anchor }) => anchor !== undefined && existsSync(root + path) && !anchorsOf(path).includes(anchor),
    );
    expect(broken.map(told)).toEqual([]);
  });

  it('lead from the README to each page, and from the tutorial to each guide', () => {
    const from = (page: string): string[] => linksOf(page).map(({ path }) => path);
    expect(pages.filter((page) => page !== 'README.md' && !from('README.md').includes(page))).toEqual([]);
    const guides = pages.filter((page) => page.startsWith('docs/guides/'));
    expect(guides.filter((page) => !from('docs/start.md').includes(page))).toEqual([]);
  });
});

describe('files named in README and docs', () => {
  it('are there', () => {
    const path = /`((?:lib|test|scripts|sample|bench|docs|\.ci)\/(?!\.build\/)[\w./-]+)`/g;
    const named = all
      .filter((page) => page !== 'CHANGELOG.md')
      .flatMap((page) => [...proseOf(page).matchAll(path)].map(([, file]) => ({ page, file: file! })));
    expect(named.length).toBeGreaterThan(20);
    const missing = named.filter(({ file }) => statSync(root + file, { throwIfNoEntry: false }) === undefined);
    expect(missing.map(({ page, file }) => `${page}: ${file}`)).toEqual([]);
  });
});
