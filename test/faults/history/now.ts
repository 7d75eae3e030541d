/** ms of the machine's monotonic clock: the same for all processes, whatever they take for the time of day. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
