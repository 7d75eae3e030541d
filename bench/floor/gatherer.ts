interface Item {
  readonly text: string;
  resolve(): void;
  reject(error: unknown): void;
}

/** With no call out it leaves at the end of the turn; while one is out what comes gathers and leaves together. */
export class Gatherer {
  private pending: Item[] = [];
  private isOut = false;

  constructor(private readonly send: (texts: readonly string[]) => Promise<unknown>) {}

  add(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pending.push({ text, resolve, reject });
      if (this.isOut) return;
      this.isOut = true;
      process.nextTick(() => void this.flush());
    });
  }

  private async flush(): Promise<void> {
    while (this.pending.length > 0) {
      const items = this.pending.splice(0);
      try {
        await this.send(items.map(({ text }) => text));
        for (const { resolve } of items) resolve();
      } catch (error) {
        for (const { reject } of items) reject(error);
      }
      // what follows these at once travels with the next call
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    this.isOut = false;
  }
}
