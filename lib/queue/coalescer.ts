import type { Clock } from '../runtime/clock.js';

/** Most items, and most characters, that travel as one request. */
const itemsMax = 500;
const charactersMax = 1_000_000;
/** ms after which gathered items leave although an earlier request is still out. */
const gatherMax = 1;

/**
 * Gathers what is asked for at about the same time, so that it travels as one request: with none out it leaves at the
 * end of the turn, while one is out the next gathers.
 */
export class Coalescer<T> {
  private pending: T[] = [];
  private out = 0;
  private isDue = false;

  constructor(
    private readonly clock: Clock,
    private readonly sizeOf: (item: T) => number,
    /** Sends; `onSettled` must be called once all of it is decided. */
    private readonly send: (items: readonly T[], onSettled: () => void) => void,
  ) {}

  add(item: T): void {
    this.pending.push(item);
    if (this.isDue) return;
    this.isDue = true;
    if (this.out === 0) this.clock.afterTurn(this.flush);
    else this.clock.schedule(gatherMax, this.flush, true);
  }

  private readonly flush = (): void => {
    this.isDue = false;
    const { pending } = this;
    this.pending = [];
    let start = 0;
    let characters = 0;
    for (let end = 0; end < pending.length; end++) {
      const size = this.sizeOf(pending[end]!);
      if (end > start && (end - start === itemsMax || characters + size > charactersMax)) {
        this.sendOff(pending.slice(start, end));
        start = end;
        characters = 0;
      }
      characters += size;
    }
    if (start < pending.length) this.sendOff(start === 0 ? pending : pending.slice(start));
  };

  private sendOff(items: readonly T[]): void {
    this.out += 1;
    this.send(items, this.onSettled);
  }

  private readonly onSettled = (): void => {
    this.out -= 1;
    if (this.out === 0 && this.pending.length > 0) this.clock.afterTurn(this.flush);
  };
}
