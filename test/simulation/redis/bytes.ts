/**
 * Redis strings are bytes. Inside the simulated server they are JavaScript strings of which each character is one byte,
 * as these are compared, cut and kept in maps the fastest.
 */
export type Bytes = string;

const nonAscii = /[^\0-\x7f]/;

/** What a client sends, as bytes. */
export function toBytes(value: string | number | Uint8Array): Bytes {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return nonAscii.test(value) ? Buffer.from(value).toString('latin1') : value;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
}

/** What a client reads: text in UTF-8, as ioredis decodes it. */
export function fromBytes(bytes: Bytes): string {
  return nonAscii.test(bytes) ? Buffer.from(bytes, 'latin1').toString() : bytes;
}
