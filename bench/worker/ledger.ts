const NUMBER_LENGTH = 10;

/** Numbers the bodies that a process puts into one queue, and notices one that is handed out twice or never. */
export class Ledger {
  private issued = 0;
  private handedOut = 0;
  private isHandedOut = new Uint8Array(1 << 16);

  /** A new body of so many bytes. */
  next(bytes: number): string {
    return String(this.issued++).padStart(NUMBER_LENGTH, '0').padEnd(bytes, 'v');
  }

  /** @returns whether it is handed out for the first time */
  handOut(body: string): boolean {
    const number = Number(body.slice(0, NUMBER_LENGTH));
    if (number >= this.isHandedOut.length) {
      const grown = new Uint8Array(2 ** Math.ceil(Math.log2(number + 1)));
      grown.set(this.isHandedOut);
      this.isHandedOut = grown;
    }
    if (this.isHandedOut[number] === 1) return false;
    this.isHandedOut[number] = 1;
    this.handedOut++;
    return true;
  }

  /** Bodies that were made and not handed out. */
  get left(): number {
    return this.issued - this.handedOut;
  }
}

const ledgers = new Map<string, Ledger>();

/** The one ledger of a queue in this process. */
export function ledgerOf(queue: string): Ledger {
  let ledger = ledgers.get(queue);
  if (!ledger) ledgers.set(queue, (ledger = new Ledger()));
  return ledger;
}
