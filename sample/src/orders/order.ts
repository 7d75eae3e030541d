/** What the shop has to send to a buyer. */
export interface Order {
  readonly buyer: string;
  /** `ticket for seat A1`, or whatever was ordered. */
  readonly item: string;
}

/** Names of the shop's queues. */
export const queueNames = { orders: 'orders', receipts: 'receipts' } as const;
