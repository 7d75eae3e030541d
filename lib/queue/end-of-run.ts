/**
 * Where neighbours end that have what the first one has and the same holder: members are told that once for all of them.
 *
 * @returns the index after the last of them
 */
export function endOfRun<Item extends { readonly holder: string }>(
  items: readonly Item[],
  from: number,
  isLike: (item: Item) => boolean,
): number {
  const { holder } = items[from]!;
  let to = from + 1;
  while (to < items.length && items[to]!.holder === holder && isLike(items[to]!)) to += 1;
  return to;
}
