import { describe, expect, it } from 'vitest';
import { readMakefile } from '../../../src/extract/readers/makefile.ts';

function variables(text: string): unknown {
  return readMakefile(text).variables.map(({ name, operator, value }) => {
    for (const { at, start, length } of value.segments)
      expect(text.slice(start, start + length)).toBe(value.value.slice(at, at + length));
    return `${name} ${operator} ${value.value}`;
  });
}

describe('readMakefile', () => {
  it.each([
    [
      'assignments',
      'A = b\nC := d\nE ?= f\nG ::= h\nI += j',
      ['A = b', 'C = d', 'E ?= f', 'G = h', 'I += j'],
    ],
    ['no blanks', 'A=b\r\n\ufeffC?=d', ['A = b']],
    ['BOM and CRLF', '\ufeffA = b \r\nC = d\r\n', ['A = b', 'C = d']],
    ['words in front', 'export A = b\noverride export C := d', ['A = b', 'C = d']],
    ['comments', 'A = b # c\n# D = e', ['A = b']],
    ['other variables', 'A = $(B):$(C)\nD = $$E$${F}', ['A = ${B}:${C}', 'D = $E${F}']],
    ['functions stay', 'A = $(shell echo b)', ['A = $(shell echo b)']],
    ['of targets', 'a b: C = d\ne: f', ['C = d']],
    ['no rules', 'a: b=c\nd:: e\n.PHONY: f', ['b = c']],
    ['quotes', 'A = "b"\nC = \'$(D)\' # e', ['A = b', 'C = ${D}']],
    ['over lines', 'A = b \\\n  c\nD = e', ['A = b \\\n  c', 'D = e']],
    ['not in recipes', 'a:\n\tB=c\n', []],
    ['not in definitions', 'define A\nB = c\nendef\nD = e', ['D = e']],
  ])('variables: %s', (_name, text, expected) => {
    expect(variables(text)).toEqual(expected);
  });

  it.each([
    ['lines', 'a:\n\tb\n\tc d\n', ['b', 'c d']],
    ['prefixes', 'a:\n\t@-b\n', ['b']],
    ['over lines', 'a:\n\tb \\\n\t  c\n', ['b \\\n\t  c']],
    ['behind a rule', 'a: b ; c $(D)\n', ['c ${D}']],
    ['definitions', 'define a\nb $$c\nendef\n', ['b $c']],
    ['no final line end', 'a:\n\tb', ['b']],
  ])('recipes: %s', (_name, text, expected) => {
    expect(readMakefile(text).recipes.map(({ value }) => value)).toEqual(expected);
  });
});
