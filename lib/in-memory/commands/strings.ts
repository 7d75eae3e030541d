import { CommandError, ok, refuseRest, whole, type Command } from './command.js';

export const stringCommands = {
  GET: (keys, [key]) => keys.read(key!, 'string') ?? null,
  /** What is no text is as good as nothing. */
  MGET: (keys, names) => names.map((key) => (keys.kindOf(key) === 'string' ? keys.read(key, 'string')! : null)),
  SET(keys, [key, value, ...options]) {
    const rest = [...options];
    let expiresAt = Infinity;
    let isOnlyNew = false;
    while (rest.length > 0) {
      const option = rest.shift()!.toUpperCase();
      if (option === 'NX') isOnlyNew = true;
      else if (option === 'PX') expiresAt = keys.now() + lifetime(rest.shift());
      else refuseRest([option]);
    }
    if (isOnlyNew && keys.has(key!)) return null;
    keys.writeText(key!, value!, expiresAt);
    return ok;
  },
  GETRANGE(keys, [key, from, to]) {
    const text = keys.read(key!, 'string') ?? '';
    const at = (index: number): number => (index < 0 ? Math.max(text.length + index, 0) : index);
    return text.slice(at(whole(from)), at(whole(to)) + 1);
  },
  SETRANGE(keys, [key, offset, value]) {
    const text = keys.read(key!, 'string') ?? '';
    const start = whole(offset);
    if (value === '') return text.length;
    const changed = text.slice(0, start).padEnd(start, '\0') + value + text.slice(start + value!.length);
    keys.writeText(key!, changed);
    return changed.length;
  },
  DEL: (keys, names) => names.filter((key) => keys.delete(key)).length,
  EXISTS: (keys, names) => names.filter((key) => keys.has(key)).length,
  PEXPIRE: (keys, [key, ms]) => Number(keys.expire(key!, keys.now() + whole(ms))),
  PTTL(keys, [key]) {
    const end = keys.expiresAt(key!);
    if (end === undefined) return -2;
    return end === Infinity ? -1 : end - keys.now();
  },
} satisfies Record<string, Command>;

function lifetime(text: string | undefined): number {
  const ms = whole(text);
  if (ms <= 0) throw new CommandError("ERR invalid expire time in 'set' command");
  return ms;
}
