import { describe, expect, it } from 'vitest';
import { compileKeyTemplate } from '../../../lib/nest/key-template.js';
import { allowed } from '../../../lib/nest/messages.js';

describe('a key template', () => {
  it.each([
    ['report', [], 'report'],
    ['seat:{0}', ['A1'], 'seat:A1'],
    ['seat:{1}:{0}', [12, 'b'], 'seat:b:12'],
    ['seat:{0.id}', [{ id: 7 }], 'seat:7'],
    ['seat:{0.row.seats.1}', [{ row: { seats: ['x', 'y'] } }], 'seat:y'],
    ['{0}', [10n], '10'],
    ['{0}', [false], 'false'],
    ['{0}', [''], ''],
    ['{{tag}}:{0}', ['a'], '{tag}:a'],
    ['{{0}}', [], '{0}'],
    ['{{{0}}}', ['a'], '{a}'],
  ])('%s gives a key (%#)', (template, args, key) => {
    expect(compileKeyTemplate(template)(args)).toBe(key);
  });

  it('reads getters and inherited properties, as classes of data have them', () => {
    class Order {
      get id(): string {
        return 'o-1';
      }
    }
    expect(compileKeyTemplate('order:{0.id}')([new Order()])).toBe('order:o-1');
  });

  it.each(['seat:{id}', 'seat:{}', 'seat:{0', 'seat:0}', 'seat:{0.}', 'seat:{-1}', 'seat:{ 0 }', 'seat:{0..id}'])(
    'refuses the placeholder of %s and names what is allowed',
    (template) => {
      expect(() => compileKeyTemplate(template)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTIONS', allowed: allowed.placeholder }),
      );
    },
  );

  it('refuses a key without placeholders that no member would accept', () => {
    expect(() => compileKeyTemplate('')).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', option: 'key' }));
    expect(() => compileKeyTemplate('a\nb')).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });

  it.each([[undefined], [null], [{}], [[]], [Number.NaN], [Infinity], [Symbol('x')], [() => 'x'], [new Date()]])(
    'refuses %o as a part of a key',
    (value) => {
      expect(() => compileKeyTemplate('seat:{0}')([value])).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTIONS',
          option: '{0} in the key "seat:{0}"',
          allowed: allowed.keyPart,
        }),
      );
    },
  );

  it('refuses a path that leads nowhere', () => {
    const keyOf = compileKeyTemplate('seat:{0.row.id}');
    for (const args of [[], [null], [{}], [{ row: null }]]) {
      expect(() => keyOf(args)).toThrow('{0.row.id} in the key "seat:{0.row.id}" must be');
    }
  });
});
