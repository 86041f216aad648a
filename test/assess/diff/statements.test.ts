import { describe, expect, it } from 'vitest';
import { readStatements } from '../../../src/assess/diff/statements.ts';
import { parseTrivyIgnore, parseTrivyIgnoreYaml } from '../../../src/assess/diff/trivyignore.ts';
import { readVex } from '../../../src/assess/diff/vex.ts';
import { isoDate } from '../../../src/domain/ledger-entry.ts';

const TODAY = isoDate(new Date('2026-11-20T12:00:00Z'));

describe('readVex', () => {
  const openVex = (statement: Readonly<Record<string, unknown>>) =>
    readVex({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      statements: [{ vulnerability: { name: 'CVE-2026-1' }, ...statement }],
    });

  it.each<[string, Readonly<Record<string, unknown>>, unknown]>([
    [
      'a package',
      {
        status: 'not_affected',
        justification: 'vulnerable_code_not_present',
        products: [{ '@id': 'pkg:deb/debian/tar' }],
      },
      [
        {
          ids: ['CVE-2026-1'],
          purls: ['pkg:deb/debian/tar'],
          images: [],
          ignored: true,
          reason: 'vulnerable code not present',
        },
      ],
    ],
    [
      'an image and its packages',
      {
        status: 'fixed',
        products: [{ '@id': 'pkg:oci/base', subcomponents: [{ '@id': 'pkg:deb/debian/tar' }] }],
      },
      [{ images: ['pkg:oci/base'], purls: ['pkg:deb/debian/tar'], ignored: true }],
    ],
    [
      'a whole image',
      { status: 'not_affected', products: [{ '@id': 'pkg:oci/base' }] },
      [{ images: ['pkg:oci/base'], purls: [] }],
    ],
    ['affected after all', { status: 'affected', products: ['pkg:deb/debian/tar'] }, [{ ignored: false }]],
    [
      'under investigation',
      { status: 'under_investigation', products: ['pkg:deb/debian/tar'] },
      [{ ignored: false }],
    ],
    ['a product that cannot be told', { status: 'not_affected', products: [{ '@id': 'the product' }] }, []],
    [
      'a part that cannot be told does not silence the whole',
      {
        status: 'not_affected',
        products: [{ '@id': 'pkg:oci/base', subcomponents: [{ '@id': 'some file' }] }],
      },
      [],
    ],
    ['no products', { status: 'not_affected' }, []],
    [
      'the old form, and aliases',
      {
        vulnerability: { '@id': 'https://nvd.example/CVE-2026-7', aliases: ['GHSA-a'] },
        status: 'fixed',
        products: [{ '@id': 'x', identifiers: { purl: 'pkg:npm/a' } }],
      },
      [{ ids: ['CVE-2026-7', 'GHSA-a'], purls: ['pkg:npm/a'] }],
    ],
  ])('OpenVEX: %s', (_, statement, expected) => {
    expect(openVex(statement)).toMatchObject(expected as object);
  });

  it('CycloneDX: by bom-ref, BOM-Link and purl; only states that say so', () => {
    const vex = readVex({
      bomFormat: 'CycloneDX',
      components: [{ 'bom-ref': 'one', purl: 'pkg:npm/one@1' }],
      vulnerabilities: [
        {
          id: 'CVE-2026-1',
          analysis: { state: 'not_affected', detail: 'never called' },
          affects: [{ ref: 'one' }],
        },
        {
          id: 'CVE-2026-2',
          analysis: { state: 'false_positive' },
          affects: [{ ref: 'urn:cdx:0/1#pkg%3Anpm%2Ftwo' }],
        },
        { id: 'CVE-2026-3', analysis: { state: 'exploitable' }, affects: [{ ref: 'pkg:npm/three' }] },
        { id: 'CVE-2026-4', analysis: { state: 'not_affected' }, affects: [{ ref: 'unknown' }] },
        { id: 'CVE-2026-5', affects: [{ ref: 'one' }] },
      ],
    });
    expect(vex).toMatchObject([
      { ids: ['CVE-2026-1'], purls: ['pkg:npm/one@1'], ignored: true, reason: 'never called' },
      { ids: ['CVE-2026-2'], purls: ['pkg:npm/two'], ignored: true },
      { ids: ['CVE-2026-3'], ignored: false },
    ]);
    expect(vex).toHaveLength(3);
  });

  it.each([null, 1, {}, { '@context': 'https://openvex.dev/ns' }, { bomFormat: 'CycloneDX' }])(
    '%j is no VEX',
    (document) => {
      expect(readVex(document)).toBeNull();
    },
  );
});

describe('.trivyignore', () => {
  it('reads identifiers, ends, comments and reasons', () => {
    const text =
      '# accepted by the team\r\nCVE-2026-1\n\nCVE-2026-2 exp:2026-11-19\nCVE-2026-3 exp:2026-11-20 # soon\nDS002\nCVE-2026-4 exp:never\n';
    expect(parseTrivyIgnore(text, TODAY).map(({ ids, reason }) => [ids[0], reason])).toEqual([
      ['CVE-2026-1', 'accepted by the team'],
      ['CVE-2026-3', 'soon'],
      ['DS002', ''],
    ]);
  });

  it('reads the YAML form', () => {
    const text = `vulnerabilities:
  - id: CVE-2026-1
    paths: [app/*]
    purls: [pkg:npm/a]
    statement: not reachable
  - id: CVE-2026-2
    expired_at: 2026-11-19
misconfigurations:
  - id: DS002
`;
    expect(parseTrivyIgnoreYaml(text, TODAY)).toMatchObject({
      ok: true,
      value: [{ ids: ['CVE-2026-1'], paths: ['app/*'], purls: ['pkg:npm/a'], reason: 'not reachable' }],
    });
  });

  it.each(['vulnerabilities: 1', 'vulnerabilities: [{}]', '{'])('%j is refused', (text) => {
    expect(parseTrivyIgnoreYaml(text, TODAY).ok).toBe(false);
  });
});

describe('readStatements', () => {
  it.each<[string, string, number | string]>([
    ['.trivyignore', 'CVE-2026-1\nCVE-2026-2\n', 2],
    ['.trivyignore', '', 0],
    ['.trivyignore.yaml', 'vulnerabilities: [{ id: CVE-2026-1 }]', 1],
    ['vex.json', '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}', 0],
    ['vex.json', '{"half":', 'neither OpenVEX nor CycloneDX VEX'],
    ['vex.json', '{"bomFormat":"CycloneDX","components":[]}', 'neither'],
    ['ignore.yml', 'vulnerabilities: 3', 'vulnerabilities'],
  ])('%s with %j', (path, text, expected) => {
    const read = readStatements(path, text, TODAY);
    if (typeof expected === 'number') expect(read.ok && read.value.length).toBe(expected);
    else expect(read).toMatchObject({ ok: false, fault: expect.stringContaining(expected) });
  });
});
