import { checkWhole } from '../options/checks.js';
import type { Clock } from '../runtime/clock.js';
import { createMemoryClock } from './memory-clock.js';
import { MemoryMember } from './memory-member.js';

const sizeMax = 9;

/**
 * Members that live in this process, for unit tests: what is locked, put or set is gone with the group. Clients that
 * are connected to one group share it, as instances of an application do.
 */
export class MemoryGroup {
  readonly members: readonly MemoryMember[];
  /** @internal of the members and of all clients */
  readonly clock: Clock = createMemoryClock();

  /**
   * @param size members, 1 to 9; more than one to see what an application does while some are stopped
   * @throws InvalidOptionsError
   */
  constructor(size = 1) {
    checkWhole('size', size, 1, sizeMax, '');
    this.members = Array.from({ length: size }, (_, index) => new MemoryMember(`memory-${index + 1}`, this.clock));
  }
}
