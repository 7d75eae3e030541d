import { InvalidOptionsError } from '../errors.js';
import { show } from '../options/checks.js';
import type { KvCodec } from './kv.js';

/** JSON; `Buffer` and `Uint8Array` pass unchanged, and come back as `Buffer`. */
export const jsonCodec: KvCodec = {
  encode(value) {
    if (value instanceof Uint8Array) return value;
    return JSON.stringify(value);
  },
  decode(data) {
    return typeof data === 'string' ? (JSON.parse(data) as unknown) : data;
  },
};

/** Encoded values as they stand in a register: one letter for their kind, then text; bytes in base64. */
export type EncodedValue = { readonly kind: 'S' | 'B'; readonly text: string };

const carried = 'a value that the codec can carry';

/** @throws InvalidOptionsError when the codec cannot carry the value (with what it threw as `cause`), or it is too big */
export function encodeValue(codec: KvCodec, value: unknown, maxBytes: number, what = 'value'): EncodedValue {
  let data: unknown;
  try {
    data = codec.encode(value);
  } catch (cause) {
    throw new InvalidOptionsError(what, carried, show(value), { cause });
  }
  if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
    throw new InvalidOptionsError(what, carried, show(value));
  }
  const size = typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength;
  if (size > maxBytes) throw new InvalidOptionsError(what, `at most ${maxBytes} bytes when encoded`, `${size} bytes`);
  if (typeof data === 'string') return { kind: 'S', text: data };
  return { kind: 'B', text: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') };
}

export function decodeValue(codec: KvCodec, { kind, text }: EncodedValue): unknown {
  return codec.decode(kind === 'S' ? text : Buffer.from(text, 'base64'));
}
