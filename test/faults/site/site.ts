import { onTestFailed } from 'vitest';
import {
  startLocalGroup,
  type LocalGroup,
  type LocalGroupOptions,
  type LocalServer,
} from '../../../lib/testing/index.js';
import { loadVotingScript } from '../../../lib/quorum/scripts.js';
import { CuttableLink } from '../../support/cuttable-link.js';
import { eventually } from '../../support/eventually.js';
import { FaultLog } from '../report/fault-log.js';
import { SiteClient, type SiteClientOptions } from './site-client.js';

const exportScript = loadVotingScript(new URL('../../../lib/lock/lua/export.lua', import.meta.url));

/** Redis servers, and clients that each reach them over links of their own. Members are counted from 1, as in `redis-1`. */
export class Site implements AsyncDisposable {
  readonly log = new FaultLog();
  private readonly clients: SiteClient[] = [];
  private readonly links: CuttableLink[] = [];

  private constructor(readonly group: LocalGroup) {}

  /** Starts the servers; prints the fault log when the test fails. */
  static async start(options: LocalGroupOptions = {}): Promise<Site> {
    const site = new Site(await startLocalGroup(options));
    onTestFailed(() => console.log(`faults of this test:\n${site.log}`));
    return site;
  }

  server(member: number): LocalServer {
    return this.group.members[member - 1]!;
  }

  get memberNumbers(): number[] {
    return this.group.members.map((_, index) => index + 1);
  }

  /** One link to each server, in their order: for a client that is not connected by `connect()`. */
  async openLinks(): Promise<CuttableLink[]> {
    const links = await Promise.all(this.group.members.map(({ port }) => CuttableLink.to(port)));
    this.links.push(...links);
    return links;
  }

  /** Connects a client with links of its own; resolves once it sees all members vote. */
  async connect(name: string, options: SiteClientOptions = {}): Promise<SiteClient> {
    const client = await this.join(name, options);
    await client.seesAllVoting();
    return client;
  }

  /** As `connect()`, but resolves as soon as the library does. */
  async join(name: string, options: SiteClientOptions = {}): Promise<SiteClient> {
    const client = await SiteClient.connect(name, await this.openLinks(), this.log, options);
    this.clients.push(client);
    return client;
  }

  /** The client has had each member run its scripts, so that its next request is one round trip to each. */
  async warmUp(client: SiteClient): Promise<void> {
    const lock = await client.locks.acquire('warm-up', { ttl: 500 });
    await eventually(async () => !(await this.holdersOf('warm-up')).includes(undefined));
    await lock.release();
    await eventually(async () => (await this.holdersOf('warm-up')).every((holder) => holder === undefined));
  }

  /** It loses its data while its connections stay. */
  async flush(member: number): Promise<void> {
    this.log.add('flushall', this.server(member).name);
    await this.server(member).command('FLUSHALL');
  }

  /** SIGKILL and start; what it comes back with depends on the servers' persistence. */
  async restart(...members: number[]): Promise<void> {
    await this.kill(...members);
    await this.start(...members);
  }

  async kill(...members: number[]): Promise<void> {
    for (const member of members) this.log.add('kill', this.server(member).name);
    await Promise.all(members.map((member) => this.server(member).kill()));
  }

  async start(...members: number[]): Promise<void> {
    await Promise.all(members.map((member) => this.server(member).start()));
    for (const member of members) this.log.add('started', this.server(member).name);
  }

  freeze(member: number): void {
    this.log.add('freeze', this.server(member).name);
    this.server(member).freeze();
  }

  thaw(member: number): void {
    this.log.add('thaw', this.server(member).name);
    this.server(member).thaw();
  }

  /** Holder of the live lease that the member has on record for a key, whether it votes or not; undefined for none. */
  async holderAt(member: number, key: string): Promise<string | undefined> {
    const keys = ['member', `lock:${key}`, `readers:${key}`].map((name) => `majority:${name}`);
    const args = ['EVAL', exportScript.source, String(keys.length), ...keys, '', 'any', '1'];
    const [[holder, left]] = (await this.server(member).command(...args)) as [[string, string]];
    return Number(left) > 0 ? holder : undefined;
  }

  /** As `holderAt()`, of all members. */
  holdersOf(key: string): Promise<(string | undefined)[]> {
    return Promise.all(this.memberNumbers.map((member) => this.holderAt(member, key)));
  }

  /** Whether the member carries a marker of its present life: then it votes. */
  async isVoting(member: number): Promise<boolean> {
    const marker = await this.server(member).command('GET', 'majority:member');
    const info = String(await this.server(member).command('INFO', 'server'));
    return marker === /run_id:(\w+)/.exec(info)?.[1];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    await Promise.all(this.links.map((link) => link.close()));
    await this.group.stop();
  }
}
