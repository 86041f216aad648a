import { expect, it } from 'vitest';
import { columns, printable } from '../../src/cli/text.ts';

it('keeps columns apart, and lets what is very long stick out alone', () => {
  const long = 'very/'.repeat(20);
  const table = columns([
    [{ text: 'a' }, { text: 'from' }],
    [{ text: 'bcd' }, { text: 'arg' }],
    [{ text: long }, { text: 'x' }],
  ]);
  expect(table.split('\n')).toEqual(['a    from', 'bcd  arg', `${long}  x`]);
});

it.each([
  ['\u001b[31m', '\\u001b[31m'],
  ['a\nb\r', 'a\\u000ab\\u000d'],
  ['\u009b', '\\u009b'],
  ['\u202e', '\\u202e'],
  ['日本', '日本'],
])('prints %j so that it cannot act', (text, shown) => {
  expect(printable(text)).toBe(shown);
});
