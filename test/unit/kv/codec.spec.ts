import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValue, encodeValue, jsonCodec } from '../../../lib/kv/codec.js';
import { refusalOf } from '../../support/refusal-of.js';

const limit = 1000;

describe('the JSON codec', () => {
  it('brings back what JSON carries', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), (value) => {
        const back = decodeValue(jsonCodec, encodeValue(jsonCodec, value, 1_000_000));
        expect(back).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('brings bytes back unchanged, as a Buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: limit }), (bytes) => {
        const back = decodeValue(jsonCodec, encodeValue(jsonCodec, bytes, limit));
        expect(Buffer.isBuffer(back) && back.equals(bytes)).toBe(true);
      }),
    );
  });

  it('takes only the part of a buffer that a view shows', () => {
    const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    expect(decodeValue(jsonCodec, encodeValue(jsonCodec, view, limit))).toEqual(Buffer.from([2, 3]));
  });

  it.each([
    ['undefined', undefined],
    ['a function', () => 1],
    ['a big integer', 1n],
  ])('refuses %s', (_, value) => {
    const error = refusalOf(() => encodeValue(jsonCodec, value, limit));
    expect(error.option).toBe('value');
    expect(error.allowed).toBe('a value that the codec can carry');
  });
});

describe('the size of a value', () => {
  it('counts bytes, not characters', () => {
    expect(encodeValue(jsonCodec, 'ä'.repeat(4), 10).text).toBe('"ääää"');
    const error = refusalOf(() => encodeValue(jsonCodec, 'ä'.repeat(4), 9));
    expect(error.allowed).toBe('at most 9 bytes when encoded');
    expect(error.given).toBe('10 bytes');
  });

  it('of bytes is their own, not that of their text', () => {
    expect(encodeValue(jsonCodec, new Uint8Array(9), 9).kind).toBe('B');
    expect(refusalOf(() => encodeValue(jsonCodec, new Uint8Array(10), 9)).given).toBe('10 bytes');
  });
});

describe('a codec of the user', () => {
  it('is used both ways', () => {
    const codec = {
      encode: (value: unknown) => `<${String(value)}>`,
      decode: (data: string | Buffer) => data.slice(1, -1),
    };
    const encoded = encodeValue(codec, 'a|b', limit);
    expect(encoded).toEqual({ kind: 'S', text: '<a|b>' });
    expect(decodeValue(codec, encoded)).toBe('a|b');
  });

  it('that throws, or gives neither text nor bytes, refuses the value without telling it', () => {
    const throwing = {
      encode: () => {
        throw new Error('no');
      },
      decode: () => null,
    };
    const wrong = { encode: () => 5 as never, decode: () => null };
    for (const codec of [throwing, wrong]) {
      const error = refusalOf(() => encodeValue(codec, { password: 'secret' }, limit));
      expect(error.message).not.toContain('secret');
    }
  });

  it('that throws leaves what it threw as the cause', () => {
    const cause = new Error('cannot carry that');
    const encode = () => {
      throw cause;
    };
    expect(refusalOf(() => encodeValue({ encode, decode: () => null }, 1, limit)).cause).toBe(cause);
  });
});
