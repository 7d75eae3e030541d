import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Site } from './site.js';

/** What a member had on disk at one moment, to be put back later as a restored backup is. Needs persistence 'always'. */
export class DataCopy implements AsyncDisposable {
  private constructor(
    private readonly site: Site,
    private readonly member: number,
    private readonly folder: string,
  ) {}

  static async of(site: Site, member: number): Promise<DataCopy> {
    const folder = await mkdtemp(join(tmpdir(), 'majority-redis-copy-'));
    await cp(await dataFolder(site, member), folder, { recursive: true });
    return new DataCopy(site, member, folder);
  }

  /** Stops the member, gives it the older data, and starts it. */
  async putBack(): Promise<void> {
    const { site, member } = this;
    const folder = await dataFolder(site, member);
    await site.kill(member);
    await rm(folder, { recursive: true });
    await cp(this.folder, folder, { recursive: true });
    site.log.add('older data', `redis-${member}`);
    await site.start(member);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

async function dataFolder(site: Site, member: number): Promise<string> {
  const [, folder] = (await site.server(member).command('CONFIG', 'GET', 'dir')) as [string, string];
  return join(folder, 'appendonlydir');
}
