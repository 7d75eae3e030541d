/** ms that calls in flight get to end when a load is over; what is not back then is reported as stuck. */
export const DRAIN_MS = 5000;

/**
 * Waits for workers that were told to end.
 *
 * @param boundMs how long at most
 * @returns how many did not come back
 */
export async function comeBack(workers: readonly Promise<unknown>[], boundMs = DRAIN_MS): Promise<number> {
  let back = 0;
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise((resolve) => {
    timer = setTimeout(resolve, boundMs);
  });
  await Promise.race([Promise.all(workers.map((worker) => worker.then(() => back++))), bound]);
  clearTimeout(timer);
  return workers.length - back;
}
