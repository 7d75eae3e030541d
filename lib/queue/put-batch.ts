import type { PutReceipt } from './queue.js';
import type { PutListener } from './putter.js';

/** The messages of one call of `putAll()`: settled once all of them are decided, with one promise for all. */
export class PutBatch implements PutListener {
  private readonly receipts: PutReceipt[];
  private open: number;
  /** Of the first message that failed. */
  private failure: { readonly index: number; readonly error: unknown } | undefined;

  constructor(
    count: number,
    private readonly resolve: (receipts: PutReceipt[]) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    this.receipts = new Array<PutReceipt>(count);
    this.open = count;
    if (count === 0) resolve([]);
  }

  onPut(index: number, id: string): void {
    this.onReceipt(index, { id, isDuplicate: false });
  }

  onReceipt(index: number, receipt: PutReceipt): void {
    this.receipts[index] = receipt;
    this.settle();
  }

  onFailed(index: number, error: unknown): void {
    if (!this.failure || index < this.failure.index) this.failure = { index, error };
    this.settle();
  }

  private settle(): void {
    this.open -= 1;
    if (this.open > 0) return;
    if (this.failure) this.reject(this.failure.error);
    else this.resolve(this.receipts);
  }
}
