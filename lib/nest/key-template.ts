import { InvalidOptionsError } from '../errors.js';
import { checkKey } from '../options/checks.js';
import { show } from '../options/checks.js';
import { allowed } from './messages.js';

/** `{{`, `}}`, `{…}`, or a brace alone, which is refused. */
const braces = /\{\{|\}\}|\{[^{}]*\}|[{}]/g;

/** The position of an argument, then names of properties. */
const placeholder = /^\{(\d+)((?:\.[\w$-]+)*)\}$/;

/** A piece of the key: text as it is, or what one argument says. */
type Part = string | ((args: readonly unknown[]) => string);

/**
 * Compiles a key with placeholders for a method's arguments: `seat:{0}` takes the first argument, `seat:{1.event.id}`
 * a property of the second. `{{` and `}}` stand for the braces themselves.
 *
 * Only what has one obvious text is allowed in a key: a string, a finite number, a bigint or a boolean. Anything else,
 * a missing argument too, is refused at the call, as `seat:undefined` or `seat:[object Object]` would be one lock for all.
 *
 * @throws InvalidOptionsError for a placeholder that is none, or a key without any that is not allowed; when called, for
 * a value that is not allowed
 */
export function compileKeyTemplate(template: string): (args: readonly unknown[]) => string {
  const parts: Part[] = [];
  let end = 0;
  for (const match of template.matchAll(braces)) {
    parts.push(template.slice(end, match.index), compileBraces(match[0], template));
    end = match.index + match[0].length;
  }
  parts.push(template.slice(end));
  if (parts.every((part) => typeof part === 'string')) {
    const key = checkKey(parts.join(''));
    return () => key;
  }
  return (args) => parts.map((part) => (typeof part === 'string' ? part : part(args))).join('');
}

function compileBraces(found: string, template: string): Part {
  if (found === '{{' || found === '}}') return found.charAt(0);
  const [, position, path] = placeholder.exec(found) ?? [];
  if (position === undefined || path === undefined) {
    throw new InvalidOptionsError(`placeholder in the key "${template}"`, allowed.placeholder, found);
  }
  const names = path.split('.').slice(1);
  return (args) => keyPart(names.reduce(property, args[Number(position)]), found, template);
}

function property(value: unknown, name: string): unknown {
  return value === undefined || value === null ? undefined : (value as Record<string, unknown>)[name];
}

function keyPart(value: unknown, found: string, template: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  throw new InvalidOptionsError(`${found} in the key "${template}"`, allowed.keyPart, show(value));
}
