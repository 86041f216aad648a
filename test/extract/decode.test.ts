import { describe, expect, it } from 'vitest';
import { decodeSource, MAX_FILE_BYTES, refuseSize } from '../../src/extract/decode.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

describe('decodeSource', () => {
  it.each([
    ['plain', new TextEncoder().encode('FROM a\r\n'), 'FROM a\r\n'],
    ['a byte order mark stays', bytes(0xef, 0xbb, 0xbf, 0x41), '\ufeffA'],
    ['empty', bytes(), ''],
    ['beyond ASCII', new TextEncoder().encode('# é 한 🐳'), '# é 한 🐳'],
    ['at the cap', new Uint8Array(MAX_FILE_BYTES).fill(0x20), ' '.repeat(MAX_FILE_BYTES)],
  ])('%s', (_, input, text) => {
    expect(decodeSource('a/Dockerfile', input)).toEqual({ ok: true, value: { path: 'a/Dockerfile', text } });
  });

  it.each([
    ['over the cap', new Uint8Array(MAX_FILE_BYTES + 1).fill(0x20), 'too-large', '1 MiB'],
    ['NUL', bytes(0x41, 0, 0x42), 'binary', 'byte 1 is NUL'],
    ['a lone continuation byte', bytes(0x41, 0x80), 'not-utf8', 'not valid UTF-8'],
    ['an overlong form', bytes(0xc0, 0xaf), 'not-utf8', 'not valid UTF-8'],
    ['a surrogate', bytes(0xed, 0xa0, 0x80), 'not-utf8', 'not valid UTF-8'],
    ['cut off', bytes(0xe2, 0x82), 'not-utf8', 'not valid UTF-8'],
    ['UTF-16, little end first', bytes(0xff, 0xfe, 0x41, 0), 'not-utf8', 'UTF-16'],
    ['UTF-16, big end first', bytes(0xfe, 0xff, 0, 0x41), 'not-utf8', 'UTF-16'],
  ])('refuses %s', (_, input, code, message) => {
    const result = decodeSource('a/Dockerfile', input);
    expect(result).toMatchObject({ ok: false, fault: { file: 'a/Dockerfile', line: null, code } });
    expect(result.ok ? '' : result.fault.message).toMatch(/^a\/Dockerfile: not read: /);
    expect(result.ok ? '' : result.fault.message).toContain(message);
  });

  it('tells by the size alone where that is enough', () => {
    expect(refuseSize('x', MAX_FILE_BYTES)).toBeNull();
    expect(refuseSize('x', MAX_FILE_BYTES + 1)?.code).toBe('too-large');
  });
});
