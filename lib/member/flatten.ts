import type { VoteArgument, VoteRequest } from './vote-request.js';

/** Keys and arguments of a batch, as a voting script takes them. */
export function flatten(
  markerKey: string,
  incarnation: string,
  batch: readonly VoteRequest[],
  mapKey?: (key: string) => string,
): { readonly keys: string[]; readonly args: VoteArgument[] } {
  const { votingScript } = batch[0]!;
  const keys = [markerKey];
  const args: VoteArgument[] = [incarnation, ...votingScript.header];
  const addKeys = (own: readonly string[] = []): void => {
    for (const key of own) keys.push(mapKey ? mapKey(key) : key);
  };
  addKeys(votingScript.keys);
  for (const request of batch) {
    addKeys(request.keys);
    for (const arg of request.args) args.push(arg);
  }
  return { keys, args };
}
