import { EventEmitter } from 'node:events';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './eventually.js';
import { UnhandledWatch } from './unhandled.js';

describe('UnhandledWatch', () => {
  const watch = new UnhandledWatch();
  // the runner's own listeners would fail the run
  const runners = process.listeners('unhandledRejection');

  beforeEach(() => {
    process.removeAllListeners('unhandledRejection');
    watch.start();
  });
  afterEach(() => {
    watch.stop();
    watch.seen.length = 0;
    for (const listener of runners) process.on('unhandledRejection', listener);
  });

  it('sees a rejection that nobody takes', async () => {
    void Promise.reject(new Error('left alone'));
    await eventually(() => watch.seen.length === 1);
    expect(watch.seen[0]).toContain('rejection: Error: left alone');
  });

  it('sees an error event of an ioredis client that nobody listens to', async () => {
    const client = new Redis({ lazyConnect: true });
    client.silentEmit('error', new Error('no listener'));
    client.disconnect();
    await eventually(() => watch.seen.length === 1);
    expect(watch.seen[0]).toContain('no listener');
  });

  it('sees nothing when all is taken', async () => {
    await Promise.reject(new Error('taken')).catch(() => {});
    new EventEmitter().on('error', () => {}).emit('error', new Error('heard'));
    await eventually(() => true);
    expect(watch.seen).toEqual([]);
  });
});
