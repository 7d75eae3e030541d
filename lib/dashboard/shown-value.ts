import type { ShownValue } from './wire.js';

/** Characters of a value that are shown. */
const textMax = 2000;
/** Bytes of a binary value that are shown. */
const bytesMax = 64;

/** A value as text for people, cut to a bearable length. */
export function shownValue(value: unknown): ShownValue {
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value.subarray(0, bytesMax)).toString('hex');
    return { text: `${value.length} bytes ${hex.replace(/..(?=.)/g, '$& ')}`, isCut: value.length > bytesMax };
  }
  const text = textOf(value);
  return { text: text.slice(0, textMax), isCut: text.length > textMax };
}

/** A codec of the application's own may give what JSON cannot carry. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
