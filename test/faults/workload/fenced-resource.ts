import { StaleTokenError } from '../../../lib/errors.js';

/** A resource that refuses writes with a token below one it has seen, and remembers all it was asked. */
export class FencedResource {
  /** Tokens of accepted writes, in their order. */
  readonly accepted: number[] = [];
  /** Tokens of refused ones. */
  readonly refused: number[] = [];

  /** @throws StaleTokenError */
  write(token: number): void {
    const latest = this.accepted.at(-1) ?? 0;
    if (token < latest) {
      this.refused.push(token);
      throw new StaleTokenError('resource', token, latest);
    }
    this.accepted.push(token);
  }
}
