import { setTimeout as pause } from 'node:timers/promises';
import { NoQuorumError } from '../../../lib/errors.js';
import type { QuorumKvService } from '../../../lib/kv/quorum-kv.service.js';
import type { KvOperation } from '../checker/check-linearizability.js';
import { now } from '../history/now.js';
import { carryOut, type CalledAction } from './carry-out.js';

/** ms between two calls of one worker, at most. */
const restMax = 12;

/** What workers work on. */
export interface KvWork {
  readonly name: string;
  readonly workers: number;
  readonly registers: readonly string[];
  readonly counters: readonly string[];
}

/** Workers that read and write a few keys, one call after the other. */
export class KvWorkers {
  private readonly history: KvOperation[] = [];
  private readonly runs: Promise<void>[];
  private isStopped = false;

  constructor(
    private readonly kv: QuorumKvService,
    private readonly work: KvWork,
    private readonly random: () => number,
  ) {
    this.runs = Array.from({ length: work.workers }, (_, index) => this.run(`${work.name}${index}`));
  }

  /** Lets each end its call. @returns what all of them did */
  async stop(): Promise<readonly KvOperation[]> {
    this.isStopped = true;
    await Promise.all(this.runs);
    return this.history;
  }

  private async run(process: string): Promise<void> {
    const { random } = this;
    const { registers, counters } = this.work;
    let seen: string | null = null;
    for (let count = 1; !this.isStopped; count++) {
      const isCounter = random() < counters.length / (counters.length + registers.length);
      const keys = isCounter ? counters : registers;
      const key = keys[Math.floor(random() * keys.length)]!;
      const action = isCounter ? pickCount(random) : pickWrite(random, `${process}-${count}`, seen);
      const calledAt = now();
      let outcome: KvOperation['outcome'];
      try {
        const result = await carryOut(this.kv, key, action);
        if (action.kind === 'get' && !isCounter) seen = result as string | null;
        outcome = { kind: 'ok', result };
      } catch (error) {
        // told before anything was written
        outcome = { kind: error instanceof NoQuorumError ? 'failed' : 'unknown' };
      }
      const returnedAt = outcome.kind === 'unknown' ? Infinity : now();
      this.history.push({ process, key, action, calledAt, returnedAt, outcome });
      await pause(random() * restMax);
    }
  }
}

function pickCount(random: () => number): CalledAction {
  return random() < 0.6 ? { kind: 'increment', by: 1 } : { kind: 'get' };
}

function pickWrite(random: () => number, value: string, seen: string | null): CalledAction {
  const choice = random();
  if (choice < 0.45) return { kind: 'get' };
  if (choice < 0.65) return { kind: 'set', value };
  if (choice < 0.9) return { kind: 'cas', expected: seen, next: value };
  return { kind: 'delete' };
}
