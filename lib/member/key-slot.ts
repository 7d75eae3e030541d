/** Hash slots of a Redis Cluster. */
export const slotCount = 16_384;

/**
 * The slot that Redis Cluster gives a key: CRC-16 (XMODEM) of its hash tag, which is what stands between the first `{`
 * and the next `}`, or of the whole key when there is none. As `CLUSTER KEYSLOT` tells it.
 */
export function slotOf(key: string): number {
  return crc16(Buffer.from(tagOf(key) ?? key)) & (slotCount - 1);
}

/** What stands between the first `{` of a key and the next `}`, unless that is nothing. */
export function tagOf(key: string): string | undefined {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  return close > open + 1 ? key.slice(open + 1, close) : undefined;
}

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ table[((crc >> 8) ^ byte) & 0xff]!) & 0xffff;
  return crc;
}
