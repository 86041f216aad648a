import { expect, it } from 'vitest';
import { locate } from '../../../src/extract/readers/mapped-text.ts';
import { readUnitFile } from '../../../src/extract/readers/unit-file.ts';

it.each([
  ['settings', '[A]\nb=c\nD = e \n', ['A b c', 'A D e']],
  ['comments and blanks', '# x=y\n; z=a\n\n[A]\n  b=c\n', ['A b c']],
  ['BOM and CRLF', '\ufeff[A]\r\nb=c\r\n', ['A b c']],
  ['continued lines', '[A]\nb=c \\\n  d \\\n# e\nf\ng=h', ['A b c  d  f', 'A g h']],
  ['no section, no value', 'a\nb=c\n[A]\nd', [' b c']],
  ['equals signs in values', '[A]\nb=c=d\n', ['A b c=d']],
])('reads units: %s', (_name, text, expected) => {
  const settings = readUnitFile(text);
  expect(settings.map(({ section, key, value }) => `${section} ${key} ${value.value}`)).toEqual(expected);
  for (const { value } of settings) {
    const span = locate(value, 0, value.value.length);
    if (span !== null) expect(text.slice(span.start, span.end)).toBe(value.value);
  }
});
