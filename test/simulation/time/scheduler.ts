import type { Timer } from '../../../lib/runtime/clock.js';

interface Event {
  readonly at: number;
  /** Events of one moment happen in the order in which they were planned. */
  readonly order: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** Events between two looks at the real event loop, which tells of rejections that nobody handles. */
const breathEvery = 2000;

/**
 * Virtual time: the one queue of all that will happen. Each event runs to its end, with all promise jobs that it
 * resolves, before the next one begins; so a run depends on nothing but the order of this queue.
 */
export class Scheduler {
  private readonly heap: Event[] = [];
  private turn: (() => void)[] = [];
  private order = 0;
  private time = 0;
  private executed = 0;

  /** @param onError told of what an event throws: code of ours that should have handled it */
  constructor(private readonly onError: (error: unknown) => void) {}

  /** Virtual ms since the start. */
  get now(): number {
    return this.time;
  }

  /** How many events were executed. */
  get count(): number {
    return this.executed;
  }

  after(delay: number, callback: () => void): Timer {
    const event = { at: this.time + Math.max(0, delay), order: this.order++, callback, isCancelled: false };
    this.push(event);
    return {
      cancel: () => {
        event.isCancelled = true;
      },
    };
  }

  /** Before the next event, once all promise jobs are through: as `process.nextTick` from a promise job. */
  afterTurn(callback: () => void): void {
    this.turn.push(callback);
  }

  /**
   * Executes events until `isDone`, looked at after each of them.
   *
   * @returns false when the time is over or nothing is left to happen
   */
  run(isDone: () => boolean, until: number): Promise<boolean> {
    return new Promise((resolve) => {
      const step = (): void => {
        if (this.turn.length > 0) {
          const callbacks = this.turn;
          this.turn = [];
          for (const callback of callbacks) this.attempt(callback);
        } else {
          if (isDone()) return resolve(true);
          const event = this.pop();
          if (!event || event.at > until) {
            if (event) this.push(event);
            this.time = Math.max(this.time, until);
            return resolve(false);
          }
          this.time = Math.max(this.time, event.at);
          this.executed += 1;
          this.attempt(event.callback);
        }
        // the tick comes when all promise jobs of this step are through, also those that they start
        const isBreathDue = this.executed % breathEvery === 0;
        queueMicrotask(() => {
          if (isBreathDue) setImmediate(step);
          else process.nextTick(step);
        });
      };
      queueMicrotask(() => process.nextTick(step));
    });
  }

  private attempt(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.onError(error);
    }
  }

  private push(event: Event): void {
    const { heap } = this;
    let child = heap.push(event) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (isBefore(heap[parent]!, event)) break;
      heap[child] = heap[parent]!;
      child = parent;
    }
    heap[child] = event;
  }

  private pop(): Event | undefined {
    let event = this.take();
    while (event?.isCancelled) event = this.take();
    return event;
  }

  private take(): Event | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let parent = 0;
    for (let child = 1; child < heap.length; child = 2 * parent + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[parent] = heap[child]!;
      parent = child;
    }
    heap[parent] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
