import { Command } from 'ioredis';
import type { IoredisClient } from './ioredis-client.js';

export type EncodedCommandCallback = (error: Error | null, reply?: unknown) => void;

/** A command of ioredis that is written as it is given. */
export type EncodedCommandClass = new (name: string, payload: string, callback: EncodedCommandCallback) => Command;

const classes = new WeakMap<typeof Command, EncodedCommandClass>();

/**
 * The class of commands for a client. Made from the `Command` of the client's own ioredis, as a ready instance may be of
 * another copy or major than ours.
 */
export function encodedCommandOf(client: IoredisClient): EncodedCommandClass {
  const { Command: Own = Command } = client.constructor as { Command?: typeof Command };
  let made = classes.get(Own);
  if (!made) {
    made = class EncodedCommand extends Own {
      constructor(
        name: string,
        private readonly payload: string,
        callback: EncodedCommandCallback,
      ) {
        super(name, [], { replyEncoding: 'utf8' }, callback as never);
      }

      override toWritable(): string {
        return this.payload;
      }
    };
    classes.set(Own, made);
  }
  return made;
}
