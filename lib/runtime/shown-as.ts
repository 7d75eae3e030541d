import { inspect, type InspectOptions } from 'node:util';

/**
 * How an object of ours shows itself in a console or log: with what its user can make sense of, on one line where it
 * fits, and without what is behind it. Never with a message body.
 */
export function shownAs(name: string, fields: object, options: InspectOptions): string {
  return `${name} ${inspect(fields, options)}`;
}
