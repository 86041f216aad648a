import { expect, it } from 'vitest';
import { nearest } from '../../src/domain/nearest.ts';

it.each([
  ['plainHtpp', ['host', 'plainHttp'], 'plainHttp'],
  ['HOST', ['host', 'plainHttp'], 'host'],
  ['zzz', ['host', 'plainHttp'], null],
  ['a', ['b'], null],
  ['', ['host'], null],
])('the nearest to %s of %j is %s', (text, candidates, expected) => {
  expect(nearest(text, candidates)).toBe(expected);
});
