/**
 * - `voting`: its answers count.
 * - `rejoining`: reachable, but it forgot (restart, flush, promotion) and is being brought up to date.
 * - `suspect`: it did not answer in time; requests to it fail at once until a probe succeeds.
 * - `down`: no connection.
 */
export type MemberState = 'voting' | 'rejoining' | 'suspect' | 'down';
