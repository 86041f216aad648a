import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { scanSchema } from '../../../src/config/schema/scan.ts';

const DEFAULTS = {
  scanner: 'auto',
  maxPlatforms: 2,
  timeout: 300,
  ignoreFiles: ['.trivyignore', '.trivyignore.yaml', '.github/pinwheel.vex.json'],
  sarif: true,
  sbom: false,
  suggestions: true,
};

describe('scanSchema', () => {
  it.each<[unknown, object]>([
    [{}, DEFAULTS],
    [true, DEFAULTS],
    [false, { ...DEFAULTS, scanner: 'none' }],
    [
      { scanner: 'osv', maxPlatforms: 1 },
      { ...DEFAULTS, scanner: 'osv', maxPlatforms: 1 },
    ],
  ])('%j', (written, expected) => {
    expect(v.parse(scanSchema, written)).toEqual(expected);
  });

  it.each([
    { scanner: 'clair' },
    { maxPlatforms: 0 },
    { timeout: 1 },
    { ignoreFiles: ['../x'] },
    { scaner: 'trivy' },
    'trivy',
  ])('%j is refused', (written) => {
    expect(v.safeParse(scanSchema, written).success).toBe(false);
  });
});
