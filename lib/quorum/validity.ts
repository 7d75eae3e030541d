/** Share of a lease that clocks may run apart, and the precision of a member's clock (Redlock's figures). */
const driftFactor = 0.01;
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
