import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, NotFoundException } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { Lock } from 'nestjs-majority-redis';
import { LockService, QueueService, QuorumKvService } from 'nestjs-majority-redis';
import { BrokenPromise, LoadLoop, type LoadView } from './load-loop.js';

const lockKeys = ['load:printer', 'load:cash-desk', 'load:projector'];
const queue = 'load:mails';
/** Of so many mails one cannot be sent, and becomes a dead letter. */
const badMail = 200;

/** Load on locks, key-value store and queue, to watch while members are killed. */
@Injectable()
export class Loads implements BeforeApplicationShutdown {
  private mails = 0;
  private readonly inUse = new Map<string, Lock>();
  /** The least that each counter must show: what it showed last. */
  private readonly counts = new Map<string, number>();
  private readonly loops: Readonly<Record<string, LoadLoop>>;

  constructor(
    private readonly locks: LockService,
    private readonly kv: QuorumKvService,
    private readonly queues: QueueService,
  ) {
    this.loops = {
      locks: new LoadLoop(6, (worker, signal) => this.useDevice(lockKeys[worker % lockKeys.length]!, signal)),
      kv: new LoadLoop(4, (worker) => this.count(`load:counter:${worker}`)),
      queue: new LoadLoop(5, (worker) => (worker < 2 ? this.putMails() : this.sendMails())),
    };
  }

  /** How each kind of load is doing. */
  get views(): Record<string, LoadView> {
    return Object.fromEntries(Object.entries(this.loops).map(([kind, loop]) => [kind, loop.view]));
  }

  /** @throws NotFoundException for an unknown kind */
  start(kind: string): LoadView {
    const loop = this.find(kind);
    loop.start();
    return loop.view;
  }

  /** @throws NotFoundException for an unknown kind */
  async stop(kind: string): Promise<LoadView> {
    const loop = this.find(kind);
    await loop.stop();
    return loop.view;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(Object.values(this.loops).map((loop) => loop.stop()));
  }

  private find(kind: string): LoadLoop {
    const loop = Object.hasOwn(this.loops, kind) ? this.loops[kind] : undefined;
    if (loop) return loop;
    throw new NotFoundException(`There is no load "${kind}". Loads: ${Object.keys(this.loops).join(', ')}`);
  }

  /** Two workers want each device, so that one of them waits in line. */
  private async useDevice(key: string, signal: AbortSignal): Promise<void> {
    await this.locks.using(key, { waitFor: 5_000, signal }, async (lock) => {
      if (this.inUse.get(key)?.isHeld) throw new BrokenPromise(`${key} is held twice`);
      this.inUse.set(key, lock);
      const done = AbortSignal.any([signal, lock.signal]);
      await pause(100, undefined, { signal: done }).catch(() => undefined);
      if (this.inUse.get(key) === lock) this.inUse.delete(key);
    });
  }

  /** One worker has each counter for itself, so what it showed once it must show again, and more. */
  private async count(key: string): Promise<void> {
    const least = (this.counts.get(key) ?? 0) + 1;
    const count = await this.kv.increment(key);
    this.counts.set(key, count);
    if (count < least) throw new BrokenPromise(`${key} is ${count}, and was ${least - 1} before it was incremented`);
  }

  private async putMails(): Promise<void> {
    await this.queues.putAll(
      queue,
      Array.from({ length: 3 }, () => ({ body: { number: ++this.mails } })),
    );
  }

  private async sendMails(): Promise<void> {
    const mails = await this.queues.get<{ number: number }>(queue, { count: 4, waitFor: 500 });
    const sent = mails.map((mail) => (mail.body.number % badMail === 0 ? mail.reject('no such mailbox') : mail.ack()));
    await Promise.all(sent);
  }
}
