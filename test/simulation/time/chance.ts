import { seededRandom } from '../../support/random.js';

/** A stream of chance that depends on nothing but the seed and its own name. */
export class Chance {
  private readonly next: () => number;

  constructor(
    private readonly seed: number,
    private readonly name: string,
  ) {
    this.next = seededRandom(mix(seed, name));
  }

  /** A stream of its own: what one part draws does not shift what another gets. */
  stream(name: string): Chance {
    return new Chance(this.seed, `${this.name}/${name}`);
  }

  /** 0 (included) to 1 (excluded). */
  fraction(): number {
    return this.next();
  }

  isHit(probability: number): boolean {
    return this.next() < probability;
  }

  between(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  /** A whole number, both ends included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)]!;
  }

  /** One of several, each as often as its weight says. */
  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of choices) {
      left -= weight;
      if (left < 0) return value;
    }
    return choices.at(-1)![1];
  }

  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.map(() => left.splice(Math.floor(this.next() * left.length), 1)[0]!);
  }

  /** Letters and digits. */
  text(length: number): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return Array.from({ length }, () => letters[Math.floor(this.next() * letters.length)]).join('');
  }
}

function mix(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13) ^ seed;
}
