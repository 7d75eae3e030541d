/** Members count how often a message was leased in one number: so many for each redrive, and the attempts since the last. */
const perRedrive = 1_000_000;

/** The attempt that a consumer sees. @param counted as members count it */
export function attemptOf(counted: number): number {
  return counted % perRedrive;
}

/** How often the message was redriven. */
export function redrivesOf(counted: number): number {
  return Math.floor(counted / perRedrive);
}

/** What members count right after the next redrive. */
export function redriven(counted: number): number {
  return (redrivesOf(counted) + 1) * perRedrive;
}
