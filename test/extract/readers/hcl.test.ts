import { describe, expect, it } from 'vitest';
import { readHcl } from '../../../src/extract/readers/hcl.ts';
import { misplaced, plainValue } from './plain-value.ts';

describe('readHcl', () => {
  it.each([
    ['attributes', 'a = "b"\nc = "d" # e\n', { a: 'b', c: 'd' }],
    ['BOM and CRLF', '\ufeffa = "b"\r\nc = "d"\r\n', { a: 'b', c: 'd' }],
    ['comments', '# x\n// y\n/* z\n */ a = "b" // c\n', { a: 'b' }],
    ['blocks with labels', 'a "b" "c" { d = "e" }\na "b" "f" {\n}\n', { a: { b: { c: { d: 'e' }, f: {} } } }],
    ['labels without quotes', 'a b { c = "d" }', { a: { b: { c: 'd' } } }],
    ['one target in two blocks', 'a "b" { c = "d" }\na "b" { e = "f" }', { a: { b: { c: 'd', e: 'f' } } }],
    ['objects', 'a = { b = "c", "d" : "e"\n f = "g" }', { a: { b: 'c', d: 'e', f: 'g' } }],
    ['lists', 'a = ["b",\n # c\n "d",\n]', { a: ['b', 'd'] }],
    ['variables', 'a = b\nc = var.d\n', { a: '${b}', c: '${var.d}' }],
    [
      'literals that are no text',
      'a = true\nb = 12\nc = null\nd = -1',
      { a: null, b: null, c: null, d: '${-1}' },
    ],
    ['calls', 'a = jsonencode([{ b = "c" }])', { a: [[{ b: 'c' }]] }],
    ['conditions', 'a = b ? "c" : "d"\ne = "f"', { a: '${b ? "c" : "d"}', e: 'f' }],
    ['parentheses over lines', 'a = (b\n ? "}" : "d"\n)\ne = "f"', { a: '${(b\n ? "}" : "d"\n)}', e: 'f' }],
    ['for', 'a = [for b in c : { d = b }]\ne = "f"', { a: ['${for b in c : { d = b }}'], e: 'f' }],
    ['interpolations', 'a = "x${b("}")}y"', { a: 'x${b("}")}y' }],
    ['escapes', 'a = "\\"\\n\\u0041$${b}"', { a: '"\nA$${b}' }],
    ['here-documents', 'a = <<E\n x\n  y\nE\nb = "c"', { a: ' x\n  y\n', b: 'c' }],
    ['indented here-documents', 'a {\n  b = <<-E\n    x\n\n      y\n    E\n}', { a: { b: 'x\n\n  y\n' } }],
  ])('%s', (_name, text, expected) => {
    const { documents, faults } = readHcl(text);
    expect(faults).toEqual([]);
    expect(documents.map(plainValue)).toEqual([expected]);
    for (const document of documents) expect(misplaced(text, document)).toEqual([]);
  });

  it('keeps blocks without labels apart', () => {
    const [root] = readHcl('a { b = "c" }\na { b = "d" }').documents;
    expect(root?.kind === 'map' ? root.entries.map(({ value }) => plainValue(value)) : []).toEqual([
      { b: 'c' },
      { b: 'd' },
    ]);
  });

  it.each([
    ['a block without an end', 'a {\n b = "c"\n', { a: { b: 'c' } }],
    ['a "}" too many', '}\na = "b"', { a: 'b' }],
    ['a string without an end', 'a = "b\nc = "d"', { a: 'b', c: 'd' }],
    ['no here-document end', 'a = "b"\nc = <<E\nx\n', { a: 'b', c: null }],
    ['a list without an end', 'a = ["b",', { a: ['b'] }],
    ['something else', '= =\na = "b"', { a: 'b' }],
  ])('reads on after %s', (_name, text, expected) => {
    const { documents, faults } = readHcl(text);
    expect(faults.map(({ code }) => code)).toEqual(['syntax']);
    expect(documents.map(plainValue)).toEqual([expected]);
  });

  it('refuses deep nesting', () => {
    expect(readHcl(`a = ${'['.repeat(200)}`).faults.map(({ code }) => code)).toEqual(['too-deep']);
    expect(readHcl('a {\n'.repeat(200)).faults.map(({ code }) => code)).toEqual(['too-deep']);
  });
});
