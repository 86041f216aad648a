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
