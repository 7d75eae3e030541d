import type * as Library from '../dist/index.js';
import type * as Testing from '../dist/testing/index.js';

/**
 * The library as it was built into the repository's `dist`. Not imported by its package name: a link to the parent
 * folder would bring the parent's peer dependencies, and a second ioredis, into this folder.
 */
export async function loadLibrary(): Promise<typeof Library> {
  return (await import(new URL('../../dist/index.js', import.meta.url).href)) as typeof Library;
}

/** The library's `./testing` entry, for real servers. */
export async function loadTesting(): Promise<typeof Testing> {
  return (await import(new URL('../../dist/testing/index.js', import.meta.url).href)) as typeof Testing;
}
