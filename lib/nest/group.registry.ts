import { Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { connectMajorityRedis, MajorityRedis } from '../connect.js';
import { ReplaySubject, type Observable } from 'rxjs';
import { InvalidOptionsError } from '../errors.js';
import { GroupEventLogger } from './group-event-logger.js';
import { allowed } from './messages.js';
import type { MajorityRedisModuleOptions } from './module-options.js';
import { defaultGroup } from './tokens.js';

/** How a group is connected: as `connectMajorityRedis()` does it, or with the same services on other members. */
export type ConnectGroup = typeof connectMajorityRedis;

type Start = { kind: 'running' } | { kind: 'done' } | { kind: 'failed'; error: unknown };

/** The groups of one application: opens them, and closes them together. */
@Injectable()
export class GroupRegistry implements OnModuleInit, OnApplicationShutdown {
  private readonly connections = new Map<string, Promise<MajorityRedis>>();
  private readonly waiting = new Map<string, () => void>();
  private readonly opened = new ReplaySubject<MajorityRedis>();
  private readonly loggers = new Set<GroupEventLogger>();
  private start: Start = { kind: 'running' };

  /** @throws NoQuorumError when the group cannot start; InvalidOptionsError for bad options, or a name taken twice */
  async connect(
    name: string = defaultGroup,
    options: MajorityRedisModuleOptions,
    connectGroup: ConnectGroup,
  ): Promise<MajorityRedis> {
    try {
      if (this.start.kind === 'failed') throw this.start.error;
      this.refuseName(name, options);
      return await this.open(name, options, connectGroup);
    } catch (error) {
      this.giveUp(error);
      throw error;
    }
  }

  /** Each group, before anybody is given its services; those that were opened before, first. */
  get opened$(): Observable<MajorityRedis> {
    return this.opened.asObservable();
  }

  /** The group of that name, for code that learns the name only at run time. */
  async get(name: string): Promise<MajorityRedis | undefined> {
    return this.connections.get(name);
  }

  /** Names of all groups, in the order in which they were opened. */
  get names(): readonly string[] {
    return [...this.connections.keys()];
  }

  /** The group of that name, when it is certain that its module begins to open it. */
  async waitFor(name: string): Promise<MajorityRedis> {
    const opening = this.connections.get(name);
    if (opening !== undefined) return opening;
    const others = this.waiting.get(name);
    return new Promise<void>((resolve) => {
      this.waiting.set(name, () => {
        others?.();
        resolve();
      });
    }).then(() => this.waitFor(name));
  }

  /**
   * When one group fails, or a queue, the application is not created, and Nest calls no hook: the other groups must not
   * stay open. Nobody waits for it, as another group may still be trying. What is loaded lazily takes no other down.
   */
  giveUp(error: unknown): void {
    if (this.start.kind !== 'running') return;
    this.start = { kind: 'failed', error };
    void this.close();
  }

  onModuleInit(): void {
    this.start = { kind: 'done' };
  }

  /** The last hook of `app.close()`: the hooks before it, and requests still being served, have their locks. */
  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private async open(
    name: string,
    options: MajorityRedisModuleOptions,
    connectGroup: ConnectGroup,
  ): Promise<MajorityRedis> {
    const events = new GroupEventLogger(name);
    const opening = connectGroup({ ...options, name }, { onEvent: (event) => events.log(event) });
    this.connections.set(name, opening);
    this.loggers.add(events);
    this.waiting.get(name)?.();
    try {
      const connection = await opening;
      events.logReady(connection.group.status());
      this.opened.next(connection);
      return connection;
    } catch (error) {
      this.connections.delete(name);
      events.close();
      throw error;
    }
  }

  private async close(): Promise<void> {
    await Promise.allSettled([...this.connections.values()].map(async (opening) => (await opening).close()));
    for (const logger of this.loggers) logger.close();
  }

  private refuseName(name: string, options: MajorityRedisModuleOptions): void {
    if (this.connections.has(name)) {
      throw new InvalidOptionsError('name', allowed.groupName, `"${name}" twice`);
    }
    if (typeof options === 'object' && options !== null && 'name' in options && options.name !== name) {
      throw new InvalidOptionsError('name', allowed.nameBesideFactory, JSON.stringify(options.name));
    }
  }
}
