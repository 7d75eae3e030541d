import type { INestApplicationContext, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { LockService, MajorityRedisModule, MajorityRedisService } from 'nestjs-majority-redis';
import { startLocalGroup, type LocalGroup, type LocalServer } from 'nestjs-majority-redis/testing';
import { expect } from 'vitest';
import { eventually } from '../../support/eventually.js';

/** An application on five servers that can be broken, and what it logs. */
export class FiveServers implements AsyncDisposable {
  private constructor(
    private readonly servers: LocalGroup,
    private readonly app: INestApplicationContext,
    private readonly lines: readonly string[],
  ) {}

  static async start(): Promise<FiveServers> {
    const servers = await startLocalGroup({ size: 5 });
    const lines: string[] = [];
    const write = (message: unknown, ...rest: unknown[]) => void lines.push(`[${rest.at(-1)}] ${message}`);
    const logger: LoggerService = { log: write, warn: write, error: write };
    const group = MajorityRedisModule.forRoot({ nodes: servers.urls });
    const module = { module: class Application {}, imports: [group] };
    const app = await NestFactory.createApplicationContext(module, { logger, abortOnError: false });
    return new FiveServers(servers, app, lines);
  }

  async logs(line: string | RegExp): Promise<void> {
    await eventually(() => {
      expect(this.lines.join('\n')).toMatch(line);
      return true;
    });
  }

  freeze(name: string): void {
    this.server(name).freeze();
  }

  thaw(name: string): void {
    this.server(name).thaw();
  }

  async kill(name: string): Promise<void> {
    await this.server(name).kill();
  }

  /** A vote for a lock as the picture shows it: what each member says, or why it does not. */
  async votes(): Promise<Record<string, string>> {
    await using lock = await this.app.get(LockService).acquire('seat:12');
    const group = this.app.get(MajorityRedisService);
    await eventually(() => group.status().members.filter(({ state }) => state === 'suspect').length === 1);
    const state = await this.app.get(LockService).inspect('seat:12');
    const granted = state.votes.filter(({ holders }) => holders.some(({ holder }) => holder === lock.holder));
    const silent = group.status().members.filter((member) => member.state !== 'voting');
    return Object.fromEntries([
      ...granted.map(({ member }) => [member, 'granted']),
      ...silent.map(({ name, state: is, reason }) => [name, is === 'suspect' ? `${is} (${reason})` : is]),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.servers.stop();
  }

  private server(name: string): LocalServer {
    return this.servers.members.find((member) => member.name === name)!;
  }
}
