import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import type { LocalServer } from 'nestjs-majority-redis/testing';
import { Servers } from './servers.js';

/** What can be done to an embedded member, and in which states of its process. */
const actions = {
  kill: { from: ['running', 'frozen'], run: (server: LocalServer) => server.kill() },
  freeze: { from: ['running'], run: (server: LocalServer) => server.freeze() },
  thaw: { from: ['frozen'], run: (server: LocalServer) => server.thaw() },
  start: { from: ['stopped'], run: (server: LocalServer) => server.start() },
  restart: { from: ['running', 'frozen'], run: (server: LocalServer) => server.restart() },
} as const satisfies Record<
  string,
  { from: readonly LocalServer['state'][]; run: (server: LocalServer) => void | Promise<void> }
>;

/** How an embedded member's process is. */
export interface ServerView {
  readonly name: string;
  readonly port: number;
  readonly pid: number | undefined;
  readonly state: LocalServer['state'];
}

/** Kills, freezes and starts the embedded members, one action at a time. */
@Injectable()
export class MemberActions {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly servers: Servers) {}

  /**
   * Resolves when the process has ended, or answers again.
   *
   * @throws NotFoundException for an unknown member or action; ConflictException when the member's state does not allow
   * the action, or when the servers are not the sample's
   */
  run(name: string, action: string): Promise<ServerView> {
    const result = this.turn.then(() => this.runNow(name, action));
    this.turn = result.catch(() => undefined);
    return result;
  }

  /** The process of an embedded member; undefined for the user's servers. */
  view(name: string): ServerView | undefined {
    const server = this.servers.embedded.find((candidate) => candidate.name === name);
    return server && viewOf(server);
  }

  private async runNow(name: string, action: string): Promise<ServerView> {
    if (!this.servers.isEmbedded) {
      throw new ConflictException(
        'These members are your own servers (REDIS_NODES): stop and start them yourself, the sample only ends servers it has started.',
      );
    }
    const server = this.servers.embedded.find((candidate) => candidate.name === name);
    if (!server) {
      const names = this.servers.embedded.map((candidate) => candidate.name).join(', ');
      throw new NotFoundException(`There is no member "${name}". Members: ${names}`);
    }
    if (!isAction(action)) {
      throw new NotFoundException(`There is no action "${action}". Actions: ${Object.keys(actions).join(', ')}`);
    }
    const { from, run } = actions[action];
    if (!from.some((state) => state === server.state)) {
      throw new ConflictException(`${name} is ${server.state}: ${action} needs one that is ${from.join(' or ')}`);
    }
    await run(server);
    return viewOf(server);
  }
}

function isAction(action: string): action is keyof typeof actions {
  return Object.hasOwn(actions, action);
}

function viewOf({ name, port, pid, state }: LocalServer): ServerView {
  return { name, port, pid, state };
}
