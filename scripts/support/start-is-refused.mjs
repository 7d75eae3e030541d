import { root } from './paths.mjs';

const connectTimeout = 10_000;
const refusedWithin = 3_000;

/**
 * Starts three servers and a group on them, which must fail at once and say that they are too old. The lib must have
 * been built.
 *
 * @returns undefined, or what happened in place of that
 */
export async function startIsRefused(redisServer) {
  const { startLocalGroup } = await import(`${root}dist/testing/index.js`);
  const { connectMajorityRedis } = await import(`${root}dist/index.js`);
  const servers = await startLocalGroup({ size: 3, redisServer });
  const startedAt = performance.now();
  try {
    const client = await connectMajorityRedis({ nodes: servers.urls, connectTimeout });
    await client.close();
    return 'A group started on it, which it should not.';
  } catch (error) {
    const elapsed = Math.round(performance.now() - startedAt);
    if (!/is too old: .* is needed/.test(error.message)) return error.message;
    return elapsed < refusedWithin ? undefined : `It was refused after ${elapsed} ms only.`;
  } finally {
    await servers.stop();
  }
}
