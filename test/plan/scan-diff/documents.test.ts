import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/assess/scan.ts';
import { diffDocument, failedDocument } from '../../../src/plan/scan-diff/diff-document.ts';
import { exportSbom } from '../../../src/plan/scan-diff/sbom-export.ts';
import { scanSarif } from '../../../src/plan/scan-diff/scan-sarif.ts';
import { finding, scanDiffFact } from '../../support/findings.ts';
import { SARIF_SCHEMA } from '../../support/sarif-schema.ts';

const validate = new Ajv({ allErrors: true }).compile(SARIF_SCHEMA);

function document(fact: ReturnType<typeof scanDiffFact>) {
  const [platform] = fact.platforms;
  if (platform === undefined) throw new Error('no platform');
  return diffDocument(fact, platform);
}

describe('diffDocument', () => {
  it('has exactly the promised members', () => {
    const fact = scanDiffFact(
      { fixed: [finding('CVE-2026-0001')], introduced: [finding('CVE-2026-0002', 'tar', { fixedIn: null })] },
      {},
      {
        packages: {
          added: [{ name: 'less', version: '590', type: 'deb', purl: '' }],
          removed: [],
          changed: [{ name: 'tar', type: 'deb', from: '1', to: '2', move: 'upgrade' }],
          unchanged: 1,
        },
        config: [{ field: 'user', kind: 'user', from: 'app', to: null, matters: true }],
      },
    );
    expect(document(fact)).toEqual({
      vulnerabilities: {
        fixed: [
          {
            id: 'CVE-2026-0001',
            package: 'openssl',
            installed: '3.0.11-1',
            fixedIn: '3.0.13-1',
            severity: 'high',
          },
        ],
        introduced: [
          { id: 'CVE-2026-0002', package: 'tar', installed: '3.0.11-1', fixedIn: null, severity: 'high' },
        ],
        unchanged: [],
      },
      packages: {
        added: [{ name: 'less', version: '590' }],
        removed: [],
        changed: [{ name: 'tar', from: '1', to: '2' }],
      },
      config: [{ field: 'user', from: 'app', to: null }],
      scanner: { name: 'trivy', version: '0.68.2', database: '2026-11-01T06:00:00Z' },
      source: 'sbom',
      platform: 'linux/amd64',
    });
  });

  it('has no lists of vulnerabilities where nothing is known', () => {
    expect(document(scanDiffFact(null))).toMatchObject({
      status: 'scan-unavailable',
      reason: 'no scanner',
      vulnerabilities: null,
      scanner: null,
      source: null,
    });
  });
});

describe('scanSarif', () => {
  const fact = scanDiffFact({
    introduced: [finding('CVE-2026-0001', 'a', { severity: 'critical', url: 'javascript:alert(1)' })],
    unchanged: [finding('CVE-2026-0001', 'b', { severity: 'low', title: '' })],
    fixed: [finding('CVE-2026-0003', 'c', { severity: 'medium' })],
  });
  const place = { path: 'docker/Dockerfile', line: 3, version: '1.0.0' };

  it('is SARIF 2.1.0 of the new image', () => {
    const log = scanSarif(fact, { ...place, baseline: false });
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
    expect(log.runs).toMatchObject([
      {
        results: [
          {
            ruleId: 'CVE-2026-0001',
            level: 'error',
            locations: [{ physicalLocation: { region: { startLine: 3 } } }],
          },
          { ruleId: 'CVE-2026-0001', level: 'note' },
        ],
      },
    ]);
    expect(JSON.stringify(log)).not.toContain('javascript:');
    expect(JSON.stringify(log)).not.toContain('baselineState');
  });

  it('says how the new image stands against the old one', () => {
    const log = scanSarif(fact, { ...place, baseline: true });
    expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
    expect(log.runs).toMatchObject([
      {
        results: [
          { baselineState: 'new' },
          { baselineState: 'unchanged' },
          { ruleId: 'CVE-2026-0003', baselineState: 'absent' },
        ],
      },
    ]);
  });
});

describe('diffDocument, of what is not known', () => {
  it('has no packages where they are not known, and keeps what it has', () => {
    const fact = scanDiffFact(
      { unchanged: [finding('CVE-1')] },
      {},
      {
        packages: null,
        platform: null,
        config: [],
      },
    );
    expect(document(fact)).toMatchObject({
      vulnerabilities: { unchanged: [{ id: 'CVE-1' }] },
      packages: null,
      platform: null,
      source: 'sbom',
    });
    expect(document(fact)).not.toHaveProperty('status');
  });

  it('tells what was removed', () => {
    const packages = {
      added: [],
      removed: [{ name: 'more', version: '1', type: 'deb', purl: '' }],
      changed: [],
      unchanged: 0,
    };
    expect(document(scanDiffFact({}, {}, { packages })).packages).toEqual({
      added: [],
      removed: [{ name: 'more', version: '1' }],
      changed: [],
    });
  });

  it('says so where not even the images could be read', () => {
    expect(failedDocument('no such tag')).toEqual({
      status: 'failed',
      reason: 'no such tag',
      vulnerabilities: null,
      packages: null,
      config: [],
      scanner: null,
      source: null,
      platform: null,
    });
  });
});

describe('scanSarif, for code scanning', () => {
  type Run = {
    readonly results: readonly { readonly level: string; readonly message: { readonly text: string } }[];
    readonly automationDetails: { readonly id: string };
    readonly tool: {
      readonly driver: {
        readonly name: string;
        readonly rules: readonly {
          readonly id: string;
          readonly helpUri?: string;
          readonly shortDescription: { readonly text: string };
          readonly properties: { readonly tags: readonly string[]; readonly 'security-severity': string };
        }[];
      };
    };
  };
  function run(
    findings: readonly Finding[],
    tag: string | null = '3.11',
    baseline: boolean | 'present' = false,
  ): Run {
    const log = scanSarif(scanDiffFact({ introduced: findings }, { tag }), {
      path: 'Dockerfile',
      line: 1,
      version: '1.0.0',
      baseline,
    });
    const [only] = log.runs as readonly Run[];
    if (only === undefined) throw new RangeError('no run');
    return only;
  }

  it.each([
    ['critical', 'error', 9, 10],
    ['high', 'error', 7, 8.9],
    ['medium', 'warning', 4, 6.9],
    ['low', 'note', 0.1, 3.9],
    ['negligible', 'note', 0.1, 3.9],
    ['unknown', 'warning', 4, 6.9],
  ] as const)('%s is a %s, scored where GitHub calls it so', (severity, level, least, most) => {
    const { results, tool } = run([finding('CVE-1', 'a', { severity })]);
    expect(results[0]?.level).toBe(level);
    const [rule] = tool.driver.rules;
    const score = Number(rule?.properties['security-severity']);
    expect(score).toBeGreaterThanOrEqual(least);
    expect(score).toBeLessThanOrEqual(most);
    expect(rule?.properties.tags).toEqual(['security', 'container-image', severity]);
  });

  it('names package, version, image and fix', () => {
    const fixed = run([finding('CVE-1', 'tar')]).results[0]?.message.text;
    for (const part of ['tar', '3.0.11-1', 'python', 'CVE-1', 'high', '3.0.13-1'])
      expect(fixed).toContain(part);
    expect(run([finding('CVE-1', 'tar', { fixedIn: null })]).results[0]?.message.text).not.toContain('null');
  });

  it('has a category for each image and tag, so that one does not overwrite the other', () => {
    expect(run([]).automationDetails.id).toBe('pinwheel/scan/python:3.11/');
    expect(run([], null).automationDetails.id).toBe('pinwheel/scan/python/');
    expect(run([]).tool.driver.name).toBe('Pinwheel');
  });

  it('describes a rule by the title of the finding, or its id', () => {
    const { rules } = run([
      finding('CVE-1', 'a', { title: 'a flaw' }),
      finding('CVE-2', 'a', { title: '', url: null }),
    ]).tool.driver;
    expect(rules.map(({ shortDescription }) => shortDescription.text)).toEqual(['a flaw', 'CVE-2']);
    expect(rules.map(({ helpUri }) => helpUri)).toEqual([finding('CVE-1').url, undefined]);
  });

  it('has no more results than GitHub shows', () => {
    const many = Array.from({ length: 5001 }, (_, index) => finding(`CVE-${index}`));
    expect(run(many).results).toHaveLength(5000);
  });

  it('leaves out what is gone where only what is there shall be told', () => {
    const [present] = run([finding('CVE-1')], '3.11', 'present').results;
    expect(present).toMatchObject({ baselineState: 'new' });
    const gone = scanDiffFact({ fixed: [finding('CVE-9')] });
    const log = scanSarif(gone, { path: 'a', line: 1, version: '1', baseline: 'present' });
    expect(log.runs).toMatchObject([{ results: [] }]);
  });
});

describe('exportSbom', () => {
  const created = new Date('2026-11-20T00:00:00Z');
  function exported(
    format: 'cyclonedx' | 'spdx',
    over: Parameters<typeof scanDiffFact>[1] = {},
    platform: Parameters<typeof scanDiffFact>[2] = {},
  ) {
    const fact = scanDiffFact({}, over, platform);
    const [first] = fact.platforms;
    if (first === undefined) throw new RangeError('no platform');
    return exportSbom(fact, first, format, created);
  }

  it.each([
    ['cyclonedx', 'python-3.11-linux-amd64.cdx.json', 'application/vnd.cyclonedx+json', 'CycloneDX'],
    ['spdx', 'python-3.11-linux-amd64.spdx.json', 'application/spdx+json', 'SPDXRef-DOCUMENT'],
  ] as const)('%s', (format, name, mediaType, part) => {
    const file = exported(format);
    expect(file).toMatchObject({ name, mediaType });
    expect(file?.text).toContain(part);
    expect(file?.text).toContain('python:3.11');
    expect(file?.text).toContain('openssl');
  });

  it('is named by what is known', () => {
    const image = { registry: 'ghcr.io', repository: 'acme/base' };
    const file = exported('cyclonedx', { image, tag: null }, { platform: null });
    expect(file?.name).toBe('ghcr.io-acme-base.cdx.json');
    expect(file?.text).not.toContain('base:null');
  });

  it.each([[null], [[]]])('there is none of packages %j', (packages) => {
    const after = { status: 'scan-unavailable', reason: '', packages } as const;
    expect(exported('spdx', {}, { after })).toBeNull();
  });
});
