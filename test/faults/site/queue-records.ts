import { homeOrder } from '../../../lib/quorum/home-order.js';
import type { SiteClient } from './site-client.js';
import type { Site } from './site.js';

/** Name of a queue whose messages these members propose first, in this order, while they do not start anew. */
export function queueAtHome(client: SiteClient, ...homes: number[]): string {
  const members = client.status.status().members.map(({ incarnation }, index) => ({ incarnation, number: index + 1 }));
  for (let count = 1; ; count++) {
    const order = homeOrder(`queue-${count}`, members).map(({ number }) => number);
    if (homes.every((home, index) => order[index] === home)) return `queue-${count}`;
  }
}

/** What each member has on record of one queue, whether it votes or not: asked without any client. */
export class QueueRecords {
  constructor(
    private readonly site: Site,
    private readonly queue: string,
  ) {}

  /** Ids of the messages that it holds. */
  async live(member: number): Promise<string[]> {
    return (await this.command(member, 'HKEYS', 'records')) as string[];
  }

  /** Ids of the messages that it holds, or of which it knows that they are done by a tombstone. */
  async seen(member: number): Promise<string[]> {
    return (await this.command(member, 'ZRANGE', 'seen', '0', '-1')) as string[];
  }

  async leased(member: number): Promise<string[]> {
    return (await this.command(member, 'ZRANGE', 'leased', '0', '-1')) as string[];
  }

  /** µs */
  async floor(member: number): Promise<number> {
    return Number(await this.command(member, 'HGET', 'facts', 'floor'));
  }

  private command(member: number, name: string, kind: string, ...args: string[]): Promise<unknown> {
    return this.site.server(member).command(name, `majority:queue-${kind}:${this.queue}`, ...args);
  }
}
