import { homeOrder } from '../../lib/quorum/home-order.js';
import { startLocalGroup, type LocalGroup } from '../../lib/testing/index.js';
import { Clients, type TestClient } from './clients.js';
import { CuttableLink } from './cuttable-link.js';
import { eventually } from './eventually.js';

/** A group whose members can be cut off from a client, which keeps what they have. */
export class LinkedGroup implements AsyncDisposable {
  private constructor(
    readonly group: LocalGroup,
    private readonly links: readonly CuttableLink[],
    readonly client: TestClient,
    private readonly clients: Clients,
    private readonly options: Parameters<Clients['connect']>[1],
  ) {}

  /** Starts servers and connects one client through links. */
  static async start(size: number, options: Parameters<Clients['connect']>[1] = {}): Promise<LinkedGroup> {
    const group = await startLocalGroup({ size });
    const links = await Promise.all(group.members.map(({ port }) => CuttableLink.to(port)));
    const clients = new Clients();
    const client = await clients.connect(
      links.map(({ url }) => url),
      options,
    );
    const linked = new LinkedGroup(group, links, client, clients, options);
    await linked.allVote();
    return linked;
  }

  /** Another client, with the first one's options, that reaches the servers directly and sees all of them vote. */
  async connect(): Promise<TestClient> {
    const client = await this.clients.connect(this.group.urls, this.options);
    await eventually(() => client.group.status().members.every(({ state }) => state === 'voting'));
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.links) link.restore();
    await this.clients.close();
    await Promise.all(this.links.map((link) => link[Symbol.asyncDispose]()));
    await this.group.stop();
  }

  /** The client cannot reach these members from now on; they keep what they have. */
  async cut(...indexes: number[]): Promise<void> {
    for (const index of indexes) this.links[index]!.cut();
    await eventually(() => indexes.every((index) => this.stateOf(index) !== 'voting'));
  }

  async restore(...indexes: number[]): Promise<void> {
    for (const index of indexes) this.links[index]!.restore();
    await eventually(() => indexes.every((index) => this.stateOf(index) === 'voting'), { within: 30_000 });
  }

  /** A member restarts empty, and votes again once it was brought back. */
  async restartEmpty(index: number): Promise<void> {
    const before = this.client.group.status().members[index]!.incarnation;
    await this.group.members[index]!.restart();
    await eventually(() => this.client.group.status().members[index]!.incarnation !== before, { within: 30_000 });
    await this.allVote();
  }

  async allVote(): Promise<void> {
    const { members } = this.group;
    await eventually(() => members.every((_, index) => this.stateOf(index) === 'voting'), { within: 30_000 });
  }

  /** A name of which the member is home. */
  async nameAtHome(index: number, prefix: string): Promise<string> {
    const members = await Promise.all(
      this.group.members.map(async (member, at) => {
        const incarnation = /run_id:(\w+)/.exec(String(await member.command('INFO', 'server')))![1];
        return { incarnation, at };
      }),
    );
    for (let count = 0; ; count++) {
      const name = `${prefix}-${count}`;
      if (homeOrder(name, members)[0]!.at === index) return name;
    }
  }

  /** A command on each member about one part of a queue: its answers in their order. */
  async onAll(command: string, queue: string, kind: string, ...args: string[]): Promise<unknown[]> {
    return Promise.all(this.group.members.map((_, index) => this.onMember(index, command, queue, kind, ...args)));
  }

  /** The same on one of them. */
  async onMember(index: number, command: string, queue: string, kind: string, ...args: string[]): Promise<unknown> {
    return this.group.members[index]!.command(command, `majority:queue-${kind}:${queue}`, ...args);
  }

  private stateOf(index: number): string {
    return this.client.group.status().members[index]!.state;
  }
}
