import { BadRequestException } from '@nestjs/common';
import { isMajorityRedisError } from '../errors.js';

/** What comes from a request and is not allowed is the client's fault, and not the program's. */
export async function asBadRequest<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isMajorityRedisError(error) && error.code === 'INVALID_OPTIONS') throw new BadRequestException(error.message);
    throw error;
  }
}
