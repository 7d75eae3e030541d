import { startLocalGroup } from 'nestjs-majority-redis/testing';
import type { LocalGroup, LocalServer } from 'nestjs-majority-redis/testing';
import { embeddedSize } from '../sample-config.js';
import type { SampleConfig } from '../sample-config.js';

/**
 * The Redis servers behind the group: five that the sample started itself, each with its own port and temporary folder,
 * or the user's. They live longer than the Nest app, because locks are released while the app closes.
 */
export class Servers implements AsyncDisposable {
  private constructor(
    /** What the group connects to. */
    readonly urls: readonly string[],
    private readonly local?: LocalGroup,
  ) {}

  /** @throws Error that lists the choices when own servers are wanted and no redis-server is found */
  static async open({ nodes }: Pick<SampleConfig, 'nodes'>): Promise<Servers> {
    if (nodes) return new Servers(nodes);
    const local = await startLocalGroup({ size: embeddedSize });
    return new Servers(local.urls, local);
  }

  /** Whether the sample started the servers, and so may kill them. */
  get isEmbedded(): boolean {
    return this.local !== undefined;
  }

  /** The servers that the sample started; none when they are the user's. */
  get embedded(): readonly LocalServer[] {
    return this.local?.members ?? [];
  }

  /** Ends the servers that the sample started and removes their folders. The user's are left alone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.local?.stop();
  }
}
