import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJsonc } from '../../../src/extract/readers/json.ts';
import { misplaced, plainValue, scalars } from './plain-value.ts';

/** Everything but strings, lists and maps is empty. */
function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(emptied);
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, emptied(inner)]));
}

describe('readJsonc', () => {
  it('reads generated JSON as JSON.parse does, each character in its place', () => {
    const json = fc.json({ maxDepth: 5 }).filter((text) => !text.includes('__proto__'));
    fc.assert(
      fc.property(json, fc.constantFrom(0, 2), (compact, indent) => {
        const text = JSON.stringify(JSON.parse(compact), null, indent);
        const { documents, faults } = readJsonc(text);
        expect(faults).toEqual([]);
        expect(documents.map(plainValue)).toEqual([emptied(JSON.parse(text))]);
        for (const document of documents) expect(misplaced(text, document)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['comments', '// a\n{"a": /* b */ "c" // d\n}', { a: 'c' }],
    ['trailing commas', '{"a": ["b", "c",],}', { a: ['b', 'c'] }],
    ['BOM', '\ufeff{"a": "b"}', { a: 'b' }],
    ['CRLF', '{\r\n  "a": "b"\r\n}\r\n', { a: 'b' }],
    ['escapes', '{"a": "b\\n\\u0041"}', { a: 'b\nA' }],
  ])('%s', (_name, text, expected) => {
    const { documents, faults } = readJsonc(text);
    expect(faults).toEqual([]);
    expect(documents.map(plainValue)).toEqual([expected]);
    for (const document of documents) expect(misplaced(text, document)).toEqual([]);
  });

  it('gives a string with escapes no place', () => {
    const [document] = readJsonc('["a\\tb", "plain"]').documents;
    const texts = document === undefined ? [] : scalars(document);
    expect(texts.map(({ text }) => text.segments.reduce((sum, { length }) => sum + length, 0))).toEqual([
      0, 5,
    ]);
  });

  it.each([
    ['open object', '{"a":', 'syntax'],
    ['no colon', '{"a" "b"}', 'syntax'],
    ['open string', '{"a": "b', 'syntax'],
    ['deep lists', '['.repeat(100_000), 'too-deep'],
    ['deep objects', '{"a":'.repeat(100_000), 'too-deep'],
  ])('%s is a fault', (_name, text, code) => {
    expect(readJsonc(text).faults.map((fault) => fault.code)).toEqual([code]);
  });
});
