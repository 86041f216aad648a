import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTagVersions, sameLine } from '../../../src/domain/compare-tags.ts';
import { parseTag, type TagVersion } from '../../../src/domain/tag-version.ts';
import { candidates } from './candidates-of.ts';
import { REAL_TAGS } from './real-tags.ts';

const number = fc.oneof(fc.nat({ max: 4 }), fc.constantFrom(10, 11, 22, 404, 2024, 20_240_912));
const stage = fc.constantFrom(
  '',
  '',
  '',
  'rc1',
  '-rc',
  '-rc.2',
  'a1',
  'b2',
  '-beta3',
  '.M1',
  '-alpha.1',
  '-ea-7',
);
const build = fc.constantFrom(
  '',
  '',
  '',
  '-r0',
  '-r2',
  '_7',
  '-b08',
  '-1194',
  '-20240912',
  '-ls3',
  'p2',
  '-1',
);
const variant = fc.constantFrom(
  '',
  '',
  '-slim',
  '-alpine',
  '-alpine3.19',
  '-slim-bookworm',
  '-debian-12-r3',
  '-20-bookworm',
);
const prefix = fc.constantFrom('', '', '', 'v', 'version-', 'alpine', 'debian-');
const dated = fc
  .tuple(
    fc.constantFrom('', 'bookworm-', 'v', 'RELEASE.'),
    fc.constantFrom('20240911', '20240912', '2024-09-12', '2024-10-01', '20241399'),
    fc.constantFrom('', '', '.1', '-slim', 'T20-26-02Z', '-abc1234'),
  )
  .map((parts) => parts.join(''));
const versioned = fc
  .tuple(prefix, fc.array(number, { minLength: 1, maxLength: 4 }), stage, build, variant)
  .map(([before, parts, pre, rebuilt, after]) => `${before}${parts.join('.')}${pre}${rebuilt}${after}`);
const real = fc.constantFrom(...Object.values(REAL_TAGS).flat());
const anyText = fc.string({ unit: fc.constantFrom(...'0123456789abrcvuTZM._-'), maxLength: 24 });
const tag = fc.oneof({ weight: 4, arbitrary: versioned }, dated, real, anyText);
const tags = fc.array(tag, { maxLength: 40 });
const track = fc.constantFrom('patch', 'minor', 'major', '^2', '>=1 <4', '~3.11', '*', '^3.11 || ^20');

/** A list with a current tag that has some relation to it. */
const listed = fc
  .tuple(tags, tag)
  .chain(([list, other]) => fc.tuple(fc.constant([...list, other]), fc.constantFrom(other, ...list), track));
const versions = fc.array(
  fc.oneof(versioned, dated).filter((text) => parseTag(text) !== null),
  { minLength: 3, maxLength: 3 },
);

const read = (text: string): TagVersion => {
  const version = parseTag(text);
  if (version === null) throw new RangeError(`${text} has no version`);
  return version;
};

describe('tracking, whatever the tags', () => {
  it('never goes back, and keeps variant, prefix, kind and precision', () => {
    fc.assert(
      fc.property(listed, ([list, current, within]) => {
        for (const found of candidates(current, list, within)) {
          expect(list).toContain(found);
          const [from, to] = [read(current), read(found)];
          expect(compareTagVersions(to, from)).toBeGreaterThan(0);
          const line = ({ variant, prefix, kind, precision }: TagVersion) => ({
            variant,
            prefix,
            kind,
            precision,
          });
          expect(line(to)).toEqual(line(from));
          expect(from.preRelease === null && to.preRelease !== null).toBe(false);
        }
      }),
      { numRuns: 600 },
    );
  });

  it('keeps what a level promises', () => {
    fc.assert(
      fc.property(listed, ([list, current]) => {
        for (const [level, kept] of [
          ['patch', 2],
          ['minor', 1],
        ] as const) {
          for (const found of candidates(current, list, level)) {
            const [from, to] = [read(current), read(found)];
            if (from.kind !== 'date') expect(to.parts.slice(0, kept)).toEqual(from.parts.slice(0, kept));
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('is done after one move', () => {
    fc.assert(
      fc.property(listed, ([list, current, within]) => {
        const [newest] = candidates(current, list, within);
        if (newest !== undefined) expect(candidates(newest, list, within)).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  it('comes newest first, the same for any order of the list', () => {
    fc.assert(
      fc.property(listed, ([list, current, within]) => {
        const found = candidates(current, list, within);
        expect(candidates(current, list.toReversed(), within)).toEqual(found);
        for (const [index, one] of found.entries()) {
          const next = found[index + 1];
          if (next !== undefined) expect(compareTagVersions(read(one), read(next))).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('the order of versions', () => {
  it('is total: antisymmetric and transitive', () => {
    fc.assert(
      fc.property(versions, (texts) => {
        const [a, b, c] = texts.map(read);
        if (a === undefined || b === undefined || c === undefined) return;
        expect(Math.sign(compareTagVersions(a, b))).toBe(-Math.sign(compareTagVersions(b, a)) + 0);
        expect(compareTagVersions(a, a)).toBe(0);
        if (compareTagVersions(a, b) <= 0 && compareTagVersions(b, c) <= 0) {
          expect(compareTagVersions(a, c)).toBeLessThanOrEqual(0);
        }
        expect(sameLine(a, b)).toBe(sameLine(b, a));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('hostile tags', () => {
  it('are read without an error, and give whole numbers', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), anyText, versioned), (text) => {
        const version = parseTag(text);
        if (version === null) return;
        const numbers = [...version.parts, ...version.builds, ...(version.preRelease?.numbers ?? [])];
        expect(numbers.every(Number.isSafeInteger)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['numbers', '1.'.repeat(64)],
    ['dashes', `1${'-'.repeat(127)}`],
    ['build marks', `1.2${'-r1'.repeat(40)}x`],
    ['dates', `1.2${'-20240912'.repeat(13)}x`],
    ['words', `${'a-'.repeat(60)}1.2.3`],
    ['stages', `1.2${'-rc.1'.repeat(24)}x`],
    ['one long number', '1'.repeat(128)],
  ])('of %s are read with a bounded number of steps', (_, hostile) => {
    const list = Array.from({ length: 5_000 }, (_, index) => `${hostile.slice(0, 120)}${index}`);
    expect(candidates('1.2.3', list, 'major')).toEqual([]);
  });
});
