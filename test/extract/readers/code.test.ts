import { describe, expect, it } from 'vitest';
import { walkBlocks } from '../../../src/extract/readers/code-blocks.ts';
import { type CodeStyle, readCode } from '../../../src/extract/readers/code-tokens.ts';
import { assignedStrings, namedCalls } from '../../../src/extract/readers/code-walk.ts';

const GROOVY: CodeStyle = { comments: 'slashes', interpolation: '"' };
const STARLARK: CodeStyle = { comments: 'hash', interpolation: null };

function tokens(text: string, style: CodeStyle): readonly string[] {
  return readCode(text, style).map((token) => {
    if (token.kind === 'line') return '\n';
    if (token.kind !== 'string') return token.text;
    for (const { at, start, length } of token.node.text.segments)
      expect(text.slice(start, start + length)).toBe(token.node.text.value.slice(at, at + length));
    return JSON.stringify(token.node.text.value);
  });
}

describe('readCode', () => {
  it.each<readonly [string, CodeStyle, string, readonly string[]]>([
    ['words and marks', GROOVY, 'a.b(c)', ['a', '.', 'b', '(', 'c', ')']],
    ['strings', GROOVY, `'a' "b" '''c\nd''' """e"f"""`, ['"a"', '"b"', '"c\\nd"', '"e\\"f"']],
    ['escapes', GROOVY, '"a\\"b" c', ['"a\\"b"', 'c']],
    ['quotes in interpolations', GROOVY, '"a${b("}")}" c', ['"a${b(\\"}\\")}"', 'c']],
    ['an interpolation without an end', GROOVY, '"a${b" c', ['"a${b"', 'c']],
    ['comments', GROOVY, 'a // b\n/* c\n */ d', ['a', '\n', 'd']],
    ['a shebang, a BOM', GROOVY, '\ufeff#!/usr/bin/groovy\na', ['\n', 'a']],
    ['comments of Starlark', STARLARK, 'a # b "c\nd', ['a', '\n', 'd']],
    ['slashes of Starlark', STARLARK, '"//a:b" // c', ['"//a:b"', '/', '/', 'c']],
    ['a string without an end', GROOVY, 'a "b\nc', ['a', '"b"', '\n', 'c']],
  ])('%s', (_name, style, text, expected) => {
    expect(tokens(text, style)).toEqual(expected);
  });
});

describe('calls', () => {
  it.each([
    ['oci.pull(name = "a", image = B)', ['oci.pull name="a" image=B']],
    ['pull(\n  a = "b",\n  c = [ "d" ],\n  e =\n  "f",\n)', ['pull a="b" e="f"']],
    ['a(b = c(d = "e"), f = "g")', ['c d="e"', 'a f="g"']],
    ['a(b = "c" + "d", e = "f")', ['a e="f"']],
  ])('%s', (text, expected) => {
    const calls = namedCalls(readCode(text, STARLARK)).map(({ name, args }) =>
      [
        name,
        ...[...args].map(([key, value]) =>
          value.kind === 'string' ? `${key}="${value.node.text.value}"` : `${key}=${value.text}`,
        ),
      ].join(' '),
    );
    expect(calls).toEqual(expected);
  });

  it('knows the strings that names are given', () => {
    const found = assignedStrings(readCode('a = "b"\ndef c = \'d\'\ne = "f" + g\nh == "i"', GROOVY));
    expect([...found].map(([name, { node }]) => `${name} ${node.text.value}`)).toEqual(['a b', 'c d']);
  });
});

describe('blocks', () => {
  it.each([
    ['a { b { x } }', 'a/b'],
    ['a("b") { x }', 'b'],
    ['a(b, c(d)) { x }', 'a'],
    ['a<B> { x }', 'B'],
    ['a { } b { x }', 'b'],
    ['} a { x', 'a'],
  ])('%s', (text, expected) => {
    const code = readCode(text, GROOVY);
    const seen: string[] = [];
    walkBlocks(code, (i, open) => {
      const token = code[i];
      if (token?.kind === 'word' && token.text === 'x') seen.push(open.map(({ name }) => name).join('/'));
    });
    expect(seen).toEqual([expected]);
  });
});
