const NUMBER_LENGTH = 10;
const ACKNOWLEDGED = 1;
const HANDED_OUT = 2;

/** Numbers the bodies that a process puts into one queue, and notices one that is handed out twice or never. */
export class Ledger {
  private issued = 0;
  private handedOut = 0;
  private acknowledged = 0;
  private marks = new Uint8Array(1 << 16);

  /** A new body of so many bytes. */
  next(bytes: number): string {
    return String(this.issued++).padStart(NUMBER_LENGTH, '0').padEnd(bytes, 'v');
  }

  /** Its put was acknowledged. */
  acknowledge(body: string): void {
    if (this.mark(body, ACKNOWLEDGED)) this.acknowledged++;
  }

  /** @returns whether it is handed out for the first time */
  handOut(body: string): boolean {
    const isFirst = this.mark(body, HANDED_OUT);
    if (isFirst) this.handedOut++;
    return isFirst;
  }

  /** Bodies that were made and not handed out. */
  get left(): number {
    return this.issued - this.handedOut;
  }

  /** Bodies whose put was acknowledged and that were not handed out. */
  get lost(): number {
    if (this.acknowledged === this.handedOut && this.left === 0) return 0;
    let lost = 0;
    for (let number = 0; number < this.issued; number++) if (this.marks[number] === ACKNOWLEDGED) lost++;
    return lost;
  }

  /** @returns whether it had not that mark */
  private mark(body: string, mark: number): boolean {
    const number = Number(body.slice(0, NUMBER_LENGTH));
    if (number >= this.marks.length) {
      const grown = new Uint8Array(2 ** Math.ceil(Math.log2(number + 1)));
      grown.set(this.marks);
      this.marks = grown;
    }
    const before = this.marks[number] ?? 0;
    this.marks[number] = before | mark;
    return (before & mark) === 0;
  }
}

const ledgers = new Map<string, Ledger>();

/** The one ledger of a queue in this process. */
export function ledgerOf(queue: string): Ledger {
  let ledger = ledgers.get(queue);
  if (!ledger) ledgers.set(queue, (ledger = new Ledger()));
  return ledger;
}
