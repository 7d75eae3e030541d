import { describe, expect, it } from 'vitest';
import { patch } from '../../../lib/telemetry/patch.js';

class Greeter {
  private readonly name = 'you';
  greet(word: string): string {
    return `${word} ${this.name}`;
  }
}

describe('a patched method', () => {
  it('is that of one object alone, which is its own self in it', () => {
    const [patched, other] = [new Greeter(), new Greeter()];
    patch(patched, 'greet', (original, word) => `${original(word)}!`);
    expect([patched.greet('hello'), other.greet('hello')]).toEqual(['hello you!', 'hello you']);
    expect(Object.keys(patched)).toEqual(Object.keys(other));
  });

  it('is gone when it is undone, and what the object had of its own is there again', () => {
    const plain = new Greeter();
    patch(plain, 'greet', () => 'patched')();
    expect(Object.hasOwn(plain, 'greet')).toBe(false);
    const own = new Greeter();
    own.greet = () => 'own';
    const undo = patch(own, 'greet', (original, word) => `${original(word)}, patched`);
    expect(own.greet('')).toBe('own, patched');
    undo();
    expect(own.greet('')).toBe('own');
  });
});
