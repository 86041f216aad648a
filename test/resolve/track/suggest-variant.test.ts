import { describe, expect, it } from 'vitest';
import { suggestVariant } from '../../../src/resolve/track/suggest-variant.ts';

const image = (reference: string, total: number, critical = 0, high = 0) => ({
  reference,
  total,
  critical,
  high,
});
const FULL = image('python:3.11', 412, 3, 27);

describe('a variant is suggested', () => {
  it('in one line, the one with the fewest grave findings', () => {
    const line = suggestVariant(FULL, [
      image('python:3.11-alpine', 2, 0, 1),
      image('python:3.11-slim', 31, 0, 1),
      image('cgr.dev/chainguard/python:latest', 3, 0, 0),
    ]);
    expect(line).toBe(
      'Fewer findings: `cgr.dev/chainguard/python:latest` has 3 (0 critical, 0 high), `python:3.11` 412 (3 critical, 27 high).',
    );
  });

  it('between equals, the first by name', () => {
    const line = suggestVariant(FULL, [image('python:3.11-slim', 5), image('python:3.11-alpine', 5)]);
    expect(line).toContain('`python:3.11-alpine` has 5');
  });
});

describe('no variant is suggested', () => {
  it.each([
    ['where there is none', FULL, []],
    ['where it is not far better', FULL, [image('python:3.11-slim', 104)]],
    ['where both have few', image('alpine:3.20', 9), [image('alpine:3.21', 0)]],
    ['where a critical one comes', image('python:3.11', 400, 0, 30), [image('python:3.11-slim', 3, 1)]],
    ['where grave ones come', image('python:3.11', 400, 0, 1), [image('python:3.11-slim', 9, 0, 2)]],
    ['where it is the image itself', FULL, [image('python:3.11', 0)]],
    ['where a name would break the line', FULL, [image('python:3.11`\n# @all', 0)]],
    ['where its own name would', image('python`\n', 400), [image('python:3.11-slim', 0)]],
  ])('%s', (_, current, variants) => {
    expect(suggestVariant(current, variants)).toBeNull();
  });
});

describe('the bounds', () => {
  it.each([
    ['exactly a quarter', image('a:1', 40), image('a:2', 10), true],
    ['a little more', image('a:1', 40), image('a:2', 11), false],
    ['exactly ten fewer', image('a:1', 13), image('a:2', 3), true],
    ['nine fewer', image('a:1', 12), image('a:2', 3), false],
    ['as many critical ones', image('a:1', 40, 2, 5), image('a:2', 5, 2, 0), true],
    ['one more', image('a:1', 40, 2, 5), image('a:2', 5, 3, 0), false],
    ['as many grave ones', image('a:1', 40, 2, 3), image('a:2', 5, 0, 5), true],
    ['one more', image('a:1', 40, 2, 3), image('a:2', 6, 0, 6), false],
  ])('%s', (_, current, variant, suggested) => {
    expect(suggestVariant(current, [variant]) !== null).toBe(suggested);
  });

  it.each([
    ['critical first', [image('a:2', 9, 0, 9), image('a:3', 8, 1, 0)]],
    ['then high', [image('a:2', 9, 1, 1), image('a:3', 8, 1, 2)]],
    ['then all', [image('a:2', 8, 1, 1), image('a:1-b', 9, 1, 1)]],
    ['then the name', [image('a:2', 8, 1, 1), image('a:3', 8, 1, 1)]],
  ])('the best is told: %s', (_, [best, other]) => {
    const current = image('a:1', 100, 9, 9);
    if (best === undefined || other === undefined) throw new RangeError('two variants');
    for (const order of [
      [best, other],
      [other, best],
    ]) {
      expect(suggestVariant(current, order)).toContain(`\`${best.reference}\` has`);
    }
  });
});
