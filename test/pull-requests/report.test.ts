import { describe, expect, it } from 'vitest';
import type { ScanDiffFact } from '../../src/assess/diff/scan-diff.ts';
import type { Pass } from '../../src/pass/pass.ts';
import type { RotationReport } from '../../src/plan/body/report.ts';
import type { Rotation } from '../../src/plan/plan.ts';
import type { ReasonCode } from '../../src/policy/verdict.ts';
import { reportOf } from '../../src/pull-requests/report.ts';
import { daysAgo, World } from '../pass/one-answer/world.ts';
import { digestOf, passOver } from '../support/fake-pass.ts';
import { finding, scanDiffFact } from '../support/findings.ts';

const [OLD, NEW] = [digestOf('a'), digestOf('b')];

async function reported(
  scan: ScanDiffFact | null,
): Promise<{ report: RotationReport; rotation: Rotation; pass: Pass }> {
  const files = new Map([['api/Dockerfile', `FROM scratch\nFROM python:3.11@${OLD}\n`]]);
  const move = { image: 'python:3.11', to: NEW, ...(scan === null ? {} : { scan }) };
  const pass = await passOver(files, [move]);
  const [rotation] = pass.plan.rotations;
  if (rotation === undefined) throw new Error('nothing moves');
  return { report: reportOf(pass, rotation), rotation, pass };
}

const severe = (id: string, severity: 'critical' | 'high' | 'medium' | 'low' | 'negligible' | 'unknown') =>
  finding(id, 'openssl', { severity });
const MIXED = {
  fixed: [
    severe('CVE-2026-1', 'critical'),
    severe('CVE-2026-2', 'high'),
    severe('CVE-2026-3', 'high'),
    severe('CVE-2026-4', 'low'),
  ],
  introduced: [
    severe('CVE-2026-5', 'high'),
    severe('CVE-2026-6', 'medium'),
    severe('CVE-2026-7', 'low'),
    severe('CVE-2026-8', 'negligible'),
    severe('CVE-2026-9', 'unknown'),
  ],
};

describe('what a scan tells', () => {
  it('counts by severity, everything under high in one', async () => {
    const { report } = await reported(scanDiffFact(MIXED));
    expect(report.delta).toEqual({
      fixed: { critical: 1, high: 2, lower: 1 },
      introduced: { critical: 0, high: 1, lower: 4 },
    });
  });

  it.each<[string, ScanDiffFact, boolean, boolean]>([
    ['everything', scanDiffFact(MIXED), true, true],
    ['one side alone', scanDiffFact(MIXED, { from: null }), false, true],
    ['nothing', scanDiffFact(null), false, false],
    ['no platform', scanDiffFact(MIXED, { platforms: [] }), false, false],
  ])('compares and uploads only what was scanned: %s', async (_, scan, hasDelta, hasSarif) => {
    const { report } = await reported(scan);
    expect(report.delta !== null).toBe(hasDelta);
    expect(report.sarif !== null).toBe(hasSarif);
  });

  it.each<[string, Parameters<typeof scanDiffFact>[0], readonly string[], readonly string[]]>([
    [
      'one fixed',
      { fixed: [severe('CVE-2026-1', 'high')] },
      ['CVE-2026-1', 'openssl', 'high'],
      ['more', 'introduced'],
    ],
    ['more fixed', MIXED, ['CVE-2026-1', '3 more', '5 introduced'], []],
    ['two fixed', { fixed: MIXED.fixed.slice(0, 2) }, ['1 more'], ['introduced']],
    ['nothing fixed', { introduced: MIXED.introduced }, ['5 introduced'], ['CVE']],
    [
      'one introduced with a fix',
      { fixed: MIXED.fixed.slice(0, 1), introduced: MIXED.introduced.slice(0, 1) },
      ['1 introduced'],
      ['more'],
    ],
    ['unknown', null, ['unknown'], ['CVE', 'introduced']],
  ])('is summed up in its fold: %s', async (_, findings, holds, lacks) => {
    const { report } = await reported(scanDiffFact(findings));
    const summary = report.folds[0]?.summary ?? '';
    for (const text of holds) expect(summary).toContain(text);
    for (const text of lacks) expect(summary).not.toContain(text);
    expect(report.folds).toHaveLength(2);
    expect(report.folds[0]?.section.head).not.toBe('');
    expect(report.full).not.toEqual([]);
    expect(report.security).not.toBeNull();
  });

  it('stands at the first line that pins the image', async () => {
    const { report, rotation } = await reported(scanDiffFact(MIXED));
    const place = JSON.stringify(report.sarif);
    expect(place).toContain('"api/Dockerfile"');
    expect(place).toContain('"startLine":2');
    expect(report.annotations.every(({ path, line }) => path === 'api/Dockerfile' && line === 2)).toBe(true);
    const { pass } = await reported(scanDiffFact(MIXED));
    expect(reportOf(pass, { ...rotation, sites: [] }).sarif).toBeNull();
  });

  it('has SBOMs of the new image in both formats, made when asked for', async () => {
    const { report } = await reported(scanDiffFact(MIXED));
    const names = report.sboms().map(({ name }) => name);
    expect(names).toHaveLength(2);
    expect(names.filter((name) => name.includes('cdx'))).toHaveLength(1);
    expect(names.filter((name) => name.includes('spdx'))).toHaveLength(1);
    const texts = report.sboms().map(({ text }) => text);
    expect(texts.some((text) => text.includes('2026-11-20'))).toBe(true);
  });

  it.each<[string, Partial<ScanDiffFact>, RotationReport['source']]>([
    [
      'GitHub',
      { compareUrl: 'https://github.com/a/b/compare/1...2', revisions: { from: '1', to: '2' } },
      { url: 'https://github.com/a/b', from: '1', to: '2' },
    ],
    [
      'GitLab',
      { compareUrl: 'https://gitlab.com/a/b/-/compare/1...2', revisions: { from: null, to: '2' } },
      { url: 'https://gitlab.com/a/b', from: null, to: '2' },
    ],
    ['no address', { revisions: { from: '1', to: '2' } }, null],
    ['no revision', { compareUrl: 'https://github.com/a/b/compare/1...2' }, null],
  ])('names the source: %s', async (_, over, source) => {
    expect((await reported(scanDiffFact({}, over))).report.source).toEqual(source);
  });
});

describe('where nobody scans', () => {
  it('the report is silent rather than clean', async () => {
    const { report } = await reported(null);
    expect(report).toMatchObject({
      security: null,
      delta: null,
      source: null,
      sarif: null,
      full: [],
      annotations: [],
    });
    expect(report.sboms()).toEqual([]);
    expect(report.folds.map(({ section }) => section.rows.length > 0)).toEqual([true]);
  });

  it('a scan that failed leaves vulnerabilities unknown', async () => {
    const files = new Map([['Dockerfile', `FROM python:3.11@${OLD}\nFROM nginx:1@${OLD}\n`]]);
    const moves = [
      { image: 'python:3.11', to: NEW },
      { image: 'nginx:1', to: digestOf('c'), scan: scanDiffFact(MIXED) },
    ];
    const pass = await passOver(files, moves);
    const lines = pass.plan.rotations.map((one) => [one.image.tag, reportOf(pass, one).security]);
    expect(lines).toEqual([
      ['1', expect.not.stringContaining('unknown')],
      ['3.11', expect.stringContaining('unknown')],
    ]);
    const [rotation] = pass.plan.rotations;
    if (rotation === undefined) throw new Error('nothing moves');
    const answers = pass.answers.map((one) => ({ ...one, judged: null, scan: null, verdict: null }));
    expect(reportOf({ ...pass, answers }, rotation)).toMatchObject({
      security: null,
      firstSeen: null,
      label: null,
    });
  });
});

describe('reasons', () => {
  const told = async (codes: readonly ReasonCode[]) => {
    const { pass, rotation } = await reported(null);
    const reasons = codes.map((code) => ({ code, message: `because of <${code}>` }));
    return reportOf(pass, { ...rotation, reasons }).verdicts;
  };

  it('are left out where the table says them already', async () => {
    const plain: ReasonCode[] = ['newer-digest', 'first-pin', 'newer-tag', 'up-to-date', 'index-churn'];
    expect(await told(plain)).toEqual([]);
  });

  it.each<[ReasonCode, string]>([
    ['signature-verified', '✅ '],
    ['provenance-verified', '✅ '],
    ['exception-recorded', '✅ '],
    ['fixes-critical', '✅ '],
    ['cool-down', '⏳ '],
    ['settling', '⏳ '],
    ['introduced-vulnerability', '⛔ '],
    ['exception-missing', '⛔ '],
    ['exception-expired', '⛔ '],
    ['signature-missing', '⛔ '],
    ['signature-invalid', '⛔ '],
    ['provenance-missing', '⛔ '],
    ['provenance-invalid', '⛔ '],
    ['rule-not-evaluable', '⛔ '],
    ['tag-kept', ''],
  ])('%s is marked %j, its text made safe', async (code, mark) => {
    const [line = ''] = await told([code]);
    expect(line).toBe(`${mark}because of &lt;${code}&gt;`);
  });

  it('are all that is known of a rotation that the pass has no answer for', async () => {
    const { pass, rotation } = await reported(scanDiffFact(MIXED));
    const other = {
      ...rotation,
      from: digestOf('c'),
      reasons: [{ code: 'cool-down' as const, message: 'waits' }],
    };
    expect(reportOf(pass, other)).toMatchObject({
      verdicts: ['⏳ waits'],
      folds: [],
      delta: null,
      age: null,
    });
  });
});

describe('dates and labels', () => {
  it('tell when the new image was made and first seen, and the age of the old one', async () => {
    const world = new World();
    const old = world.push({ created: 20, seed: 'old' });
    const fresh = world.push({ created: 2, seed: 'new' });
    world.pin(old);
    world.seen(fresh, 1);
    world.scanned({ fixed: [severe('CVE-2026-1', 'critical')] });
    const pass = await world.pass({});
    const [rotation] = pass.plan.rotations;
    if (rotation === undefined) throw new Error('nothing moves');
    const report = reportOf(pass, rotation);
    expect(report).toMatchObject({
      published: daysAgo(2),
      firstSeen: daysAgo(1),
      age: { status: 'expired', since: daysAgo(20) },
      label: 'security',
    });
    const verdict = report.folds.at(-1);
    expect(verdict?.summary).toContain('rotate');
    const rows = verdict?.section.rows ?? [];
    expect(rows.filter((row) => row.startsWith('**'))).toHaveLength(3);
    expect(rows.filter((row) => row.startsWith('- ')).length).toBeGreaterThan(3);
    // Of another digest than the tag's own nobody told when it was made.
    expect(reportOf(pass, { ...rotation, to: old }).published).toBeNull();
    expect(
      reportOf(pass, { ...rotation, resolution: { ...rotation.resolution, status: 'current' } as never })
        .published,
    ).toBeNull();
  });
});
