import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verbatim } from '../../../src/extract/readers/mapped-text.ts';
import { readShell } from '../../../src/extract/readers/shell-words.ts';

function words(script: string): string[][] {
  return readShell(verbatim(script, 0)).map((command) => command.words.map((word) => word.text.value));
}

describe('readShell', () => {
  it.each([
    ['words', 'a  b\tc', [['a', 'b', 'c']]],
    ['commands', 'a; b && c || d | e & f\ng', [['a'], ['b'], ['c'], ['d'], ['e'], ['f'], ['g']]],
    ['quotes', `a 'b c' "d e" f'g'"h"`, [['a', 'b c', 'd e', 'fgh']]],
    ['escapes', 'a\\ b "c\\"d" e\\\nf', [['a b', 'c"d', 'ef']]],
    ['continuations', 'a \\\n  b \\\r\n  c', [['a', 'b', 'c']]],
    ['comments', 'a # b c\nd#e', [['a'], ['d#e']]],
    [
      'expansions',
      'a $B ${C:-d e} $(f g) `h i` ${{ j.k }}',
      [['a', '$B', '${C:-d e}', '$(f g)', '`h i`', '${{ j.k }}']],
    ],
    ['quoted expansions', 'a "${B:-"c d"}" "$(e "f")"', [['a', '${B:-"c d"}', '$(e "f")']]],
    ['here-documents', 'a <<EOF b\nFROM x\nEOF\nc', [['a', 'b'], ['c']]],
    ['tabbed here-documents', "a <<-'E'\n\tx\n\tE\nb", [['a'], ['b']]],
    ['here-strings', 'a <<< b', [['a', '<<<', 'b']]],
    ['groups', '(a b) && { c; }', [['a', 'b'], ['{', 'c'], ['}']]],
    ['empty words', `a '' ""`, [['a', '', '']]],
    ['nothing', ' \n # x\n', []],
  ])('%s', (_name, script, expected) => {
    expect(words(script)).toEqual(expected);
  });

  it('keeps every character in its place and never throws', () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '\n',
      '"',
      "'",
      '\\',
      '$',
      '{',
      '}',
      '(',
      ')',
      '`',
      '#',
      '<<E',
      ';',
      '&',
      '|',
      '=',
      'E\n',
      '${{',
      '}}',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const script = pieces.join('');
        for (const { words: list } of readShell(verbatim(script, 7))) {
          for (const { text } of list) {
            for (const { at, start, length } of text.segments) {
              expect(script.slice(start - 7, start - 7 + length)).toBe(text.value.slice(at, at + length));
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
