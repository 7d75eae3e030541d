import { describe, expect, it } from 'vitest';
import { KeyTurns } from '../../../lib/kv/key-turns.js';

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('turns of a key', () => {
  it('come one after the other, in order of arrival', async () => {
    const turns = new KeyTurns();
    const steps: string[] = [];
    const [first, second] = [gate(), gate()];
    const work = (name: string, until: Promise<void>) => async () => {
      steps.push(`${name} begins`);
      await until;
      steps.push(`${name} ends`);
    };
    const both = [turns.run('a', work('first', first.opened)), turns.run('a', work('second', second.opened))];
    second.open();
    await turns.run('b', async () => steps.push('another key'));
    expect(steps).toEqual(['first begins', 'another key']);
    first.open();
    await Promise.all(both);
    expect(steps.slice(2)).toEqual(['first ends', 'second begins', 'second ends']);
  });

  it('go on after one that failed, whose failure only its own caller gets', async () => {
    const turns = new KeyTurns();
    const failing = turns.run('a', () => Promise.reject(new Error('no')));
    const next = turns.run('a', () => Promise.resolve(1));
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe(1);
  });
});
