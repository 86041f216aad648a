import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASK, maskTemplates } from '../../../src/extract/readers/template-mask.ts';

describe('maskTemplates', () => {
  it.each([
    ['a value', 'a: {{ b }}', 'a: #######'],
    ['a part of a value', 'a: "x:{{ b }}"', 'a: "x:#######"'],
    ['a line', 'a: b\n  {{- if c }}\nd: e\n', 'a: b\n             \nd: e\n'],
    ['two on a line', '{{ a }} {{ b }}\n', '               \n'],
    ['Jinja', '{% if a %}\nb: "{{ c }}"\n{# d #}\n', '          \nb: "#######"\n       \n'],
    ['over lines', '{{/* a\nb */}}\nc: d', '      \n      \nc: d'],
    ['CRLF', '{{ a }}\r\nb: c\r\n', '       \r\nb: c\r\n'],
    ['workflow expressions stay', 'a: ${{ b }}', 'a: ${{ b }}'],
    ['open ones stay', 'a: {{ b', 'a: {{ b'],
    ['flow maps stay', 'a: {b: {c: d}}', 'a: {b: {c: d}}'],
  ])('%s', (_name, text, expected) => {
    expect(maskTemplates(text).replaceAll(MASK, '#')).toBe(expected);
  });

  it('keeps length and lines', () => {
    const piece = fc.constantFrom('{{', '}}', '{%', '%}', '{#', '#}', ' ', '\n', '\r\n', 'a', '$', '{', '}');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const masked = maskTemplates(text);
        expect(masked).toHaveLength(text.length);
        expect(masked.replace(/[^\r\n]/g, '.')).toBe(text.replace(/[^\r\n]/g, '.'));
      }),
      { numRuns: 300 },
    );
  });
});
