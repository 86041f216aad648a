import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { diffDocument } from '../../../src/plan/scan-diff/diff-document.ts';
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
