import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePackageVersions, nextFix, versionMove } from '../../../src/assess/version/compare-version.ts';

/** Each row is in ascending order by its ecosystem's rules. */
const ASCENDING: Readonly<Record<string, readonly (readonly string[])[]>> = {
  // deb-version(7) and Debian policy §5.6.12.
  deb: [
    [
      '1.0~beta1~svn1245',
      '1.0~beta1',
      '1.0',
      '1.0-1',
      '1.0-1+b1',
      '1.0-1.1',
      '1.0-2',
      '1.0a',
      '1.0+x',
      '1:0.1',
    ],
    ['3.0.11-1~deb12u2', '3.0.11-1', '3.0.11-1+deb12u1', '3.0.13-1~deb12u1', '3.0.13-1'],
    ['2.36-9', '2.36-9+deb12u4', '2.36-9+deb12u10', '2.37-1'],
    ['~~', '~~a', '~', '', 'a'].filter((version) => version !== ''),
  ],
  // rpm's own rpmvercmp tests.
  rpm: [
    ['1.0~rc1', '1.0', '1.0^', '1.0^git1', '1.0.1'],
    ['1.0', '2.0', '2.0.1', '2.0.1a'],
    ['5.5p1', '5.5p2', '5.5p10'],
    ['3.0.7-24.el9', '3.0.7-25.el9_3', '3.0.7-27.el9', '1:1.0-1'],
    ['10xyz', '10.1xyz'],
    ['xyz10', 'xyz10.1'],
  ],
  // apk-tools' version tests.
  apk: [
    [
      '1.2.3_alpha1',
      '1.2.3_beta',
      '1.2.3_pre2',
      '1.2.3_rc1',
      '1.2.3',
      '1.2.3-r1',
      '1.2.3_p1',
      '1.2.3a',
      '1.2.4',
    ],
    ['3.1.4-r0', '3.1.4-r5', '3.1.4-r10', '3.1.5-r0'],
    ['1.2', '1.2.0', '1.2.1', '1.10'],
  ],
  // PEP 440, "Summary of permitted suffixes and relative ordering".
  pypi: [
    ['1.dev0', '1.0.dev456', '1.0a1', '1.0a2.dev456', '1.0a12.dev456', '1.0a12', '1.0b1.dev456', '1.0b2'],
    [
      '1.0b2',
      '1.0b2.post345.dev456',
      '1.0b2.post345',
      '1.0rc1.dev456',
      '1.0rc1',
      '1.0',
      '1.0+abc.5',
      '1.0.post456.dev34',
    ],
    ['1.0.post456.dev34', '1.0.post456', '1.1.dev1', '1!0.1'],
  ],
  npm: [
    [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.10.0',
    ],
  ],
  golang: [['v1.2.3-0.20200101000000-abcdefabcdef', 'v1.2.3', 'v1.10.0']],
  maven: [['1.0-alpha-1', '1.0-beta-1', '1.0-rc1', '1.0', '1.0.1', '2.0.0.RELEASE', '2.0.1']],
  gem: [['1.0.0.pre1', '1.0.0', '1.0.0.1', '1.0.10']],
};

describe('compareVersions', () => {
  for (const [type, rows] of Object.entries(ASCENDING)) {
    it.each(rows)(`orders ${type}: %s …`, (...row) => {
      for (const [i, a] of row.entries()) {
        for (const [j, b] of row.entries()) {
          expect(Math.sign(comparePackageVersions(type, a, b) ?? 99), `${a} against ${b}`).toBe(
            Math.sign(i - j),
          );
        }
      }
    });
  }

  it.each([
    ['deb', '1.0', '1.00', 0],
    ['deb', '0:1.0-1', '1.0-1', 0],
    ['rpm', '1.0', '1.00', 0],
    ['pypi', '1.0', '1.0.0', 0],
    ['pypi', '1.0-1', '1.0.post1', 0],
    ['golang', 'v1.2.3', '1.2.3', 0],
    ['maven', '1.0', '1.0.0', 0],
    ['deb', '', '1.0', null],
  ])('%s: %s and %s give %s', (type, a, b, order) => {
    expect(comparePackageVersions(type, a, b)).toBe(order);
  });

  it('is an order: antisymmetric and transitive, whatever comes in', () => {
    const version = fc.string({ unit: fc.constantFrom(...'0123456789abrc.-+~_:^'.split('')), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.constantFrom('deb', 'rpm', 'apk', 'pypi', 'maven'),
        version,
        version,
        version,
        (type, a, b, c) => {
          const [ab, ba] = [comparePackageVersions(type, a, b), comparePackageVersions(type, b, a)];
          expect(Math.sign(ab ?? 0)).toBe(0 - Math.sign(ba ?? 0));
          if (type === 'deb' || type === 'rpm') {
            const [bc, ac] = [comparePackageVersions(type, b, c), comparePackageVersions(type, a, c)];
            if (ab !== null && bc !== null && ac !== null && ab <= 0 && bc <= 0)
              expect(ac).toBeLessThanOrEqual(0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('versionMove', () => {
  it.each([
    ['deb', '3.0.11-1', '3.0.13-1', 'upgrade'],
    ['deb', '3.0.11-1~deb12u2', '3.0.11-1~deb12u1', 'downgrade'],
    ['deb', '1.0-1', '1.0-1+b1', 'rebuild'],
    ['deb', '1.0-1', '1.0-1+deb12u1', 'upgrade'],
    ['apk', '3.1.4-r0', '3.1.4-r1', 'rebuild'],
    ['apk', '3.1.4-r5', '3.1.5-r0', 'upgrade'],
    ['rpm', '3.0.7-24.el9', '3.0.7-24.el9_4', 'rebuild'],
    ['rpm', '3.0.7-24.el9', '3.0.7-27.el9', 'upgrade'],
    ['npm', '1.0.0', '1.0.0-rc.1', 'downgrade'],
    ['pypi', '23.0', '23.0.0', 'rebuild'],
    ['npm', '', '1.0.0', 'unknown'],
  ] as const)('%s: %s to %s is %s', (type, from, to, move) => {
    expect(versionMove(type, from, to)).toBe(move);
  });
});

describe('nextFix', () => {
  it.each([
    ['npm', '4.17.1', ['3.10.2', '4.17.21', '5.0.0'], '4.17.21'],
    ['npm', '6.0.0', ['3.10.2', '4.17.21'], null],
    ['deb', '3.0.11-1', [], null],
  ])('%s %s of %j is %s', (type, installed, fixes, expected) => {
    expect(nextFix(type, installed, fixes)).toBe(expected);
  });
});
