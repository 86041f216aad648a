import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffFindings } from '../../../src/assess/diff/diff-findings.ts';
import { findingKey } from '../../../src/assess/diff/scan-diff.ts';
import type { Suppression } from '../../../src/assess/diff/suppression.ts';
import type { Finding } from '../../../src/assess/scan.ts';
import { anyFinding, digestOf, finding } from '../../support/findings.ts';

const image = { registry: 'docker.io', repository: 'library/python', digest: digestOf('a') };
const side = (findings: readonly Finding[], suppressions: readonly Suppression[] = []) => ({
  image,
  findings,
  suppressions,
});
const ids = (findings: readonly Finding[]): readonly string[] =>
  findings.map((item) => `${item.id} ${item.package}`);
const ignore = (id: string, over: Partial<Suppression> = {}): Suppression => ({
  ids: [id],
  purls: [],
  paths: [],
  images: [],
  ignored: true,
  by: 'vex',
  reason: 'not reachable',
  ...over,
});

const npm = { purl: 'pkg:npm/lodash' };

describe('diffFindings', () => {
  it.each<
    [string, readonly Finding[], readonly Finding[], readonly string[], readonly string[], readonly string[]]
  >([
    ['fixed', [finding('CVE-2026-0001')], [], ['CVE-2026-0001 openssl'], [], []],
    ['introduced', [], [finding('CVE-2026-0001')], [], ['CVE-2026-0001 openssl'], []],
    [
      'still there in a newer version',
      [finding('CVE-2026-0001')],
      [finding('CVE-2026-0001', 'openssl', { installed: '3.0.12-1' })],
      [],
      [],
      ['CVE-2026-0001 openssl'],
    ],
    [
      'the same under another name',
      [finding('GHSA-aaaa-bbbb-cccc', 'lodash', { aliases: ['CVE-2026-0001'] })],
      [finding('CVE-2026-0001', 'lodash', { aliases: ['GHSA-aaaa-bbbb-cccc'] })],
      [],
      [],
      ['CVE-2026-0001 lodash'],
    ],
    [
      'a GHSA that only the other side explains',
      [finding('GHSA-aaaa-bbbb-cccc', 'lodash')],
      [finding('CVE-2026-0001', 'lodash', { aliases: ['GHSA-aaaa-bbbb-cccc'] })],
      [],
      [],
      ['CVE-2026-0001 lodash'],
    ],
    [
      'an advisory of two CVEs, one of them fixed',
      [finding('DSA-1-1', 'openssl', { aliases: ['CVE-2026-0001', 'CVE-2026-0002'] })],
      [finding('CVE-2026-0002', 'openssl', { aliases: ['DSA-1-1'] })],
      ['CVE-2026-0001 openssl'],
      [],
      ['CVE-2026-0002 openssl'],
    ],
    [
      'two CVEs that share an advisory stay two',
      [],
      [
        finding('CVE-2026-0001', 'a', { aliases: ['DSA-1-1'] }),
        finding('CVE-2026-0002', 'a', { aliases: ['DSA-1-1'] }),
      ],
      [],
      ['CVE-2026-0001 a', 'CVE-2026-0002 a'],
      [],
    ],
    [
      'another package is another finding',
      [finding('CVE-2026-0001', 'libssl1.1')],
      [finding('CVE-2026-0001', 'libssl3')],
      ['CVE-2026-0001 libssl1.1'],
      ['CVE-2026-0001 libssl3'],
      [],
    ],
    [
      'another place of a language package is another finding',
      [finding('CVE-2026-0001', 'lodash', { ...npm, location: '/app/a/package.json' })],
      [finding('CVE-2026-0001', 'lodash', { ...npm, location: '/app/b/package.json' })],
      ['CVE-2026-0001 lodash'],
      ['CVE-2026-0001 lodash'],
      [],
    ],
    [
      'a place that holds the version is the same place',
      [finding('CVE-2026-0001', 'pip', { installed: '23.0', location: '/lib/pip-23.0.dist-info/METADATA' })],
      [finding('CVE-2026-0001', 'pip', { installed: '23.1', location: '/lib/pip-23.1.dist-info/METADATA' })],
      [],
      [],
      ['CVE-2026-0001 pip'],
    ],
  ])('%s', (_, before, after, fixed, introduced, unchanged) => {
    const diff = diffFindings(side(before), side(after));
    expect(ids(diff.fixed)).toEqual(fixed);
    expect(ids(diff.introduced)).toEqual(introduced);
    expect(ids(diff.unchanged)).toEqual(unchanged);
  });

  it('without an old image nothing comes or goes', () => {
    const diff = diffFindings(null, side([finding('CVE-2026-0001')]));
    expect([diff.fixed, diff.introduced, diff.unchanged].map((list) => list.length)).toEqual([0, 0, 1]);
  });

  it('sorts by severity, and keeps the more severe of two reports', () => {
    const diff = diffFindings(
      side([]),
      side([
        finding('CVE-2026-0002', 'b', { severity: 'low' }),
        finding('CVE-2026-0001', 'a', { severity: 'medium', fixedIn: null }),
        finding('CVE-2026-0001', 'a', { severity: 'critical', fixedIn: null }),
      ]),
    );
    expect(diff.introduced.map((item) => [item.id, item.severity])).toEqual([
      ['CVE-2026-0001', 'critical'],
      ['CVE-2026-0002', 'low'],
    ]);
  });
});

describe('ignored findings', () => {
  const found = finding('CVE-2026-0001', 'lodash', {
    ...npm,
    installed: '4.17.20',
    location: '/app/node_modules/lodash',
  });

  it.each<[string, Suppression, boolean]>([
    ['by id', ignore('CVE-2026-0001'), true],
    ['by another id', ignore('CVE-2026-9999'), false],
    ['by package', ignore('CVE-2026-0001', { purls: ['pkg:npm/lodash'] }), true],
    ['by package and version', ignore('CVE-2026-0001', { purls: ['pkg:npm/lodash@4.17.20'] }), true],
    ['by another version', ignore('CVE-2026-0001', { purls: ['pkg:npm/lodash@4.17.21'] }), false],
    ['by another package', ignore('CVE-2026-0001', { purls: ['pkg:npm/underscore'] }), false],
    ['by place', ignore('CVE-2026-0001', { paths: ['/app/*/lodash'] }), true],
    ['by another place', ignore('CVE-2026-0001', { paths: ['/srv/*'] }), false],
    [
      'by image',
      ignore('CVE-2026-0001', { images: ['pkg:oci/python?repository_url=docker.io/library/python'] }),
      true,
    ],
    [
      'by image and digest',
      ignore('CVE-2026-0001', { images: [`pkg:oci/python@sha256%3A${'a'.repeat(64)}`] }),
      true,
    ],
    [
      'by another digest',
      ignore('CVE-2026-0001', { images: [`pkg:oci/python@sha256%3A${'b'.repeat(64)}`] }),
      false,
    ],
    ['by another image', ignore('CVE-2026-0001', { images: ['pkg:oci/node'] }), false],
  ])('%s: %s', (_, suppression, isIgnored) => {
    const diff = diffFindings(side([]), side([found], [suppression]));
    expect(diff.introduced).toHaveLength(isIgnored ? 0 : 1);
    expect(diff.ignored).toHaveLength(isIgnored ? 1 : 0);
  });

  it('the last statement speaks', () => {
    const again = ignore('CVE-2026-0001', { ignored: false });
    expect(diffFindings(side([]), side([found], [ignore('CVE-2026-0001'), again])).introduced).toHaveLength(
      1,
    );
    expect(diffFindings(side([]), side([found], [again, ignore('CVE-2026-0001')])).introduced).toHaveLength(
      0,
    );
  });

  it('a finding that was there before is never introduced because its statement went', () => {
    const diff = diffFindings(side([found], [ignore('CVE-2026-0001')]), side([found]));
    expect(ids(diff.introduced)).toEqual([]);
    expect(ids(diff.unchanged)).toEqual(['CVE-2026-0001 lodash']);
  });

  it('a statement that came fixes nothing', () => {
    const diff = diffFindings(side([found]), side([found], [ignore('CVE-2026-0001')]));
    expect(diff.fixed).toEqual([]);
    expect(diff.ignored).toMatchObject([{ by: 'vex', reason: 'not reachable' }]);
  });
});

describe('properties', () => {
  const many = fc.array(anyFinding, { maxLength: 12 });
  const keys = (findings: readonly Finding[]): readonly string[] => findings.map(findingKey).sort();

  it('of an image against itself nothing comes or goes', () => {
    fc.assert(
      fc.property(many, (findings) => {
        const diff = diffFindings(side(findings), side([...findings].reverse()));
        expect(diff.fixed).toEqual([]);
        expect(diff.introduced).toEqual([]);
      }),
    );
  });

  it('what one direction fixes, the other introduces', () => {
    fc.assert(
      fc.property(many, many, (a, b) => {
        const [there, back] = [diffFindings(side(a), side(b)), diffFindings(side(b), side(a))];
        expect(keys(there.fixed)).toEqual(keys(back.introduced));
        expect(keys(there.introduced)).toEqual(keys(back.fixed));
        expect(keys(there.unchanged)).toEqual(keys(back.unchanged));
      }),
    );
  });

  it('counts add up: every finding of each side is in exactly one list', () => {
    fc.assert(
      fc.property(many, many, fc.boolean(), (a, b, isIgnored) => {
        const suppressions = isIgnored ? [ignore('CVE-2026-0001')] : [];
        const diff = diffFindings(side(a, suppressions), side(b, suppressions));
        const own = diffFindings(side([]), side(b, suppressions));
        const after = [...diff.introduced, ...diff.unchanged, ...diff.ignored.map((item) => item.finding)];
        expect(new Set(keys(after)).size).toBe(after.length);
        const cves = (list: readonly Finding[]): readonly string[] =>
          [...new Set(list.map((item) => item.package))].sort();
        expect(cves(after)).toEqual(cves([...own.introduced, ...own.ignored.map((item) => item.finding)]));
        const overlap = keys(diff.fixed).filter((key) => keys(after).includes(key));
        expect(overlap).toEqual([]);
      }),
    );
  });
});
