import type * as Library from '../dist/index.js';
import type * as Testing from '../dist/testing/index.js';

/**
 * The library as it was built into the repository's `dist`. Not imported by its package name: a link to the parent
 * folder would bring the parent's peer dependencies, and a second ioredis, into this folder. Not the whole of it: half of
 * the time in which a process starts would go into loading Nest, which no contender uses.
 */
export async function loadLibrary(): Promise<Pick<typeof Library, 'connectMajorityRedis' | 'OutcomeUnknownError'>> {
  const load = async (file: string) =>
    (await import(new URL(`../../dist/${file}`, import.meta.url).href)) as typeof Library;
  const { connectMajorityRedis } = await load('connect.js');
  const { OutcomeUnknownError } = await load('errors.js');
  return { connectMajorityRedis, OutcomeUnknownError };
}

/** The library's `./testing` entry, for real servers. */
export async function loadTesting(): Promise<typeof Testing> {
  return (await import(new URL('../../dist/testing/index.js', import.meta.url).href)) as typeof Testing;
}
