import { Subject, type Subscription } from 'rxjs';
import type { QuorumKvService } from '../kv/quorum-kv.service.js';

/** What a queue's register says while it is paused; there is no register otherwise. */
export const pausedValue = 1;

/** The register of a queue that tells whether it is paused. */
export function pauseKey(queue: string): string {
  return `pause ${queue}`;
}

/** Whether a queue is paused, kept up to date by watching its register. */
export class PauseWatch {
  private readonly states = new Subject<boolean>();
  private subscription: Subscription | undefined;
  /** Undefined until the register was read once. */
  isPaused: boolean | undefined;
  /** What is told from now on. */
  readonly changes = this.states.asObservable();

  constructor(
    private readonly registers: QuorumKvService,
    private readonly key: string,
  ) {}

  start(): void {
    this.subscription ??= this.registers.watch(this.key).subscribe(({ exists }) => {
      this.isPaused = exists;
      this.states.next(exists);
    });
  }

  /** As it was told last; read at once before it was told the first time. @throws NoQuorumError */
  async look(): Promise<boolean> {
    return this.isPaused ?? this.registers.exists(this.key);
  }

  close(): void {
    this.subscription?.unsubscribe();
    this.states.complete();
  }
}
