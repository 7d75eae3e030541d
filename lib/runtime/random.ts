import { randomFillSync } from 'node:crypto';

/** Randomness as the protocols see it. A simulation passes a seeded one. */
export interface Random {
  /** 16 characters of `A–Z a–z 0–9 - _`, unique for all practical purposes (96 bits). */
  id(): string;
  /** 0 (included) to 1 (excluded), for jitter. */
  fraction(): number;
}

const idBytes = 12;
const pool = Buffer.alloc(idBytes * 256);
let used = pool.length;

/** The operating system's randomness, drawn in blocks as one draw per id would cost more than the lock's own work. */
export const systemRandom: Random = {
  id() {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += idBytes;
    return pool.toString('base64url', used - idBytes, used);
  },
  fraction: () => Math.random(),
};
