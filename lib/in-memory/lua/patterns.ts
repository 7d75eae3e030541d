/** A Lua pattern as the regular expression that matches the same. */
export interface Pattern {
  readonly expression: RegExp;
  /** By capture: whether it gives a position, as `()` does. */
  readonly positions: readonly boolean[];
}

const classes: Readonly<Record<string, string>> = {
  a: 'A-Za-z',
  d: '0-9',
  l: 'a-z',
  s: '\\t-\\r ',
  u: 'A-Z',
  w: '0-9A-Za-z',
};

const cache = new Map<string, Pattern>();

/** @throws Error for what is not translated: `%b`, `%f`, references to captures */
export function compilePattern(pattern: string): Pattern {
  let compiled = cache.get(pattern);
  if (!compiled) cache.set(pattern, (compiled = compile(pattern)));
  return compiled;
}

const token = /%(.)|\[(\^?)(\]?(?:%.|[^\]])*)\]|\(\)|[()^$.*+?-]|[^]/g;

function compile(pattern: string): Pattern {
  const positions: boolean[] = [];
  let text = '';
  for (const match of pattern.matchAll(token)) {
    const [whole, escaped, negation, set] = match;
    if (escaped !== undefined) text += single(escaped);
    else if (set !== undefined) text += `[${negation}${members(set)}]`;
    else if (whole === '()' || whole === '(') positions.push(whole === '()');
    if (escaped !== undefined || set !== undefined) continue;
    text += translated(whole, match.index, pattern.length);
  }
  // anchored at the place where the search begins; else from there on
  return { expression: new RegExp(text, pattern.startsWith('^') ? 'dy' : 'dg'), positions };
}

function translated(part: string, index: number, length: number): string {
  if (part === '^' && index === 0) return '';
  if (part === '$' && index === length - 1) return '(?![^])';
  if (part === '.') return '[^]';
  if (part === '-') return '*?';
  return /^[()*+?]+$/.test(part) ? part : literal(part);
}

function single(escaped: string): string {
  if (!/[A-Za-z0-9]/.test(escaped)) return literal(escaped);
  return `[${escaped === escaped.toLowerCase() ? '' : '^'}${classOf(escaped.toLowerCase())}]`;
}

function members(set: string): string {
  return set.replaceAll(/%(.)|[\\\]^]/g, (part, escaped: string | undefined) => {
    if (escaped === undefined) return `\\${part}`;
    return /[A-Za-z0-9]/.test(escaped) ? classOf(escaped) : literal(escaped);
  });
}

function classOf(letter: string): string {
  const set = classes[letter];
  if (set === undefined) throw new Error(`%${letter} of a Lua pattern is not translated`);
  return set;
}

function literal(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) return character;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
