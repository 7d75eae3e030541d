/** Share of a time that clocks may run apart (Redlock's figure). */
export const driftFactor = 0.01;
/** ms; the precision of a member's clock (Redlock's figure). */
const clockPrecision = 2;

/**
 * How long a lease that was asked for at a known moment may be relied on, ms from that moment: members count from when
 * they granted, which is later, but their clocks may run faster.
 *
 * @see docs/protocols/lock.md#validity
 */
export function validityOf(ttl: number): number {
  return ttl - (ttl * driftFactor + clockPrecision);
}
