import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { readToml } from '../../../src/extract/readers/toml.ts';
import { misplaced, plainValue } from './plain-value.ts';

function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(emptied);
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || value instanceof Date) return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, emptied(inner)]));
}

describe('readToml', () => {
  it.each([
    ['tables', '[a]\nb = "c"\n[a.d]\ne = \'f\'\n'],
    ['dotted keys', 'a.b.c = "d"\na.b.e = "f"\n[g.h]\ni.j = "k"\n'],
    ['arrays of tables', '[[a]]\nb = "c"\n[[a]]\nb = "d"\n[a.e]\nf = "g"\n[[a.h]]\ni = "j"\n'],
    ['inline tables', 'a = { b = "c", d.e = "f", g = ["h", { i = "j" }] }\n'],
    ['quoted keys', '"a b".\'c.d\' = "e"\n[target."x86_64-unknown-linux-gnu"]\nimage = "f"\n'],
    ['strings over lines', 'a = """\nb\nc"""\nd = \'\'\'e\'\'\'\nf = """g"""\n'],
    ['escapes', 'a = "b\\tc\\u0041"\n'],
    ['other values', 'a = 1\nb = true\nc = 1979-05-27\nd = [1, "e"]\n'],
    ['CRLF', '[a]\r\nb = "c"\r\n'],
    ['BOM', '\ufeffa = "b"\n'],
    ['empty strings', 'a = ""\nb = \'\'\nc = """"""\n'],
  ])('%s: as another parser reads it', (_name, text) => {
    const { documents, faults } = readToml(text);
    expect(faults).toEqual([]);
    expect(documents.map(plainValue)).toEqual([emptied(parse(text.replace('\ufeff', '')))]);
    for (const document of documents) expect(misplaced(text, document)).toEqual([]);
  });

  it.each([
    ['no value', 'a =\n', 'syntax'],
    ['open string', 'a = "b\n', 'syntax'],
    ['repeated key', 'a = 1\na = 2\n', 'syntax'],
    ['deep arrays', `a = ${'['.repeat(1000)}`, 'too-deep'],
    ['long dotted keys', `a${'.a'.repeat(5000)} = 1`, 'too-deep'],
  ])('%s is a fault', (_name, text, code) => {
    expect(readToml(text).faults.map((fault) => fault.code)).toEqual([code]);
  });
});
