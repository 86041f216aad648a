import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import type { ConfigChange, FindingDiff, ScanDiffFact } from '../../../src/assess/diff/scan-diff.ts';
import type { Site } from '../../../src/domain/site.ts';
import { scanAnnotations } from '../../../src/plan/scan-diff/annotations.ts';
import { diffMarkdown, fullReportSections } from '../../../src/plan/scan-diff/full-report.ts';
import { scanPullRequestSection } from '../../../src/plan/scan-diff/pull-request.ts';
import { exportSbom } from '../../../src/plan/scan-diff/sbom-export.ts';
import { scanSummaryLine } from '../../../src/plan/scan-diff/summary-line.ts';
import { splitSections } from '../../../src/report/markdown.ts';
import { debian, finding, scanDiffFact } from '../../support/findings.ts';

const of = (severity: 'critical' | 'high' | 'medium' | 'low' | 'unknown', n: number, start = 0) =>
  Array.from({ length: n }, (_, i) => finding(`CVE-2026-${String(1000 + start + i)}`, `p${i}`, { severity }));

describe('scanSummaryLine', () => {
  it.each<[string, Partial<FindingDiff> | null, Partial<ScanDiffFact>, string]>([
    ['nothing changes', {}, {}, '🟢 −0 · +0 new · 0 stay'],
    [
      'only better',
      { fixed: [...of('critical', 7), ...of('high', 12, 100)], unchanged: of('low', 41, 200) },
      {},
      '🟢 −7 critical −12 high · +0 new · 41 stay',
    ],
    [
      'a severe one comes',
      { introduced: of('high', 1), fixed: of('medium', 2, 50) },
      {},
      '🔴 −2 medium · +1 high new · 0 stay',
    ],
    [
      'lesser ones come',
      { introduced: [...of('low', 1), ...of('unknown', 1, 9)] },
      {},
      '🟡 −0 · +2 lower new · 0 stay',
    ],
    ['not known', null, {}, '⚪ vulnerabilities not known'],
    ['a first pin', { unchanged: of('low', 3) }, { from: null }, '⚪ first pin · 3 known'],
  ])('%s', (_, findings, over, line) => {
    expect(scanSummaryLine(scanDiffFact(findings, over))).toBe(line);
  });

  it('without any platform compared is never green', () => {
    expect(scanSummaryLine({ ...scanDiffFact({}), platforms: [] })).toBe('⚪ vulnerabilities not known');
  });
});

const MATTERS: ConfigChange = { field: 'user', kind: 'user', from: 'app', to: null, matters: true };

describe('scanPullRequestSection', () => {
  it('says what stands against the move first, folds the rest, and never lists unchanged findings', () => {
    const fact = scanDiffFact(
      { introduced: of('high', 1, 500), fixed: of('critical', 2), unchanged: of('low', 41, 600) },
      { platformsLost: ['linux/s390x'] },
      {
        config: [MATTERS, { field: 'size', kind: 'size', from: '1000000', to: '2000000', matters: false }],
        packages: {
          added: [debian('less', '590')],
          removed: [],
          changed: [{ name: 'tar', type: 'deb', from: '2', to: '1', move: 'downgrade' }],
          unchanged: 9,
        },
      },
    );
    const text = scanPullRequestSection(fact, 20_000);
    const order = [
      'The new image brings 1 vulnerability',
      'CVE-2026-1500',
      '**+1**',
      'runs as root (was app)',
      'no longer has linux/s390x',
      'downgraded: `tar`',
      '<details><summary>Fixed: CVE-2026-1000 (p0, critical) and 1 more</summary>',
      '<summary>41 unchanged findings, 2 packages changed, 2 configuration changes</summary>',
    ];
    const places = order.map((part) => text.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(text).not.toContain('CVE-2026-1600');
    expect(text).toContain('trivy 0.68.2, database of 2026-11-01');
  });

  it('when room is short, folds lose whole rows and stay closed', () => {
    const fact = scanDiffFact({ fixed: of('critical', 30) });
    for (const limit of [700, 1500, 3000]) {
      const text = scanPullRequestSection(fact, limit);
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(text.match(/<details>/g)?.length ?? 0).toBe(text.match(/<\/details>/g)?.length ?? 0);
      expect(text).toMatch(/… \d+ more rows did not fit\.$/);
    }
    expect(scanPullRequestSection(fact, 3000)).toContain('CVE-2026-1003');
  });

  it('without a scan says so and shows packages and configuration', () => {
    const text = scanPullRequestSection(scanDiffFact(null, {}, { config: [MATTERS] }), 20_000);
    expect(text).toContain('scan-unavailable');
    expect(text).toContain('runs as root');
    expect(text).not.toContain('🟢');
    expect(text).not.toMatch(/\b0 unchanged/);
  });
});

describe('the command for the SBOM of the new image', () => {
  const on = (os: string) => scanDiffFact({}, {}, { platform: { os, architecture: 'amd64', variant: null } });
  it('stands in the complete report, and takes nothing into a shell that a registry says', () => {
    const digests = `python:3.11@sha256:${'a'.repeat(64)} python:3.11@sha256:${'b'.repeat(64)}`;
    expect(diffMarkdown(on('linux'))).toContain(
      `\`pinwheel diff ${digests} --platform linux/amd64 --sbom cyclonedx\``,
    );
    expect(diffMarkdown(on('$(id)'))).toContain(`\`pinwheel diff ${digests} --sbom cyclonedx\``);
  });

  it('does not stand there where its packages are not known', () => {
    expect(diffMarkdown(scanDiffFact(null))).not.toContain('--sbom');
  });
});

describe('the complete report', () => {
  it('is complete, in pieces that are never cut inside a row', () => {
    const fact = scanDiffFact({ fixed: of('high', 900), unchanged: of('low', 900, 1000) });
    const sections = [fact, fact].flatMap(fullReportSections);
    const pieces = splitSections(sections, 65_000);
    expect(pieces.length).toBeGreaterThan(4);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(65_000);
      for (const line of piece.split('\n')) if (line.startsWith('|')) expect(line).toMatch(/\|$/);
    }
    const all = pieces.join('\n');
    expect(all.match(/CVE-2026-1899/g)).toHaveLength(4);
    expect(all.match(/^\| 🟧 high/gm)).toHaveLength(1800);
  });

  it.each([
    ['2026-10-01T01:02:03Z', '2026-11-01T00:00:00Z', 'Built on 2026-10-01, the new one on 2026-11-01.'],
    ['1970-01-01T00:00:00Z', '2026-11-01T00:00:00Z', 'The new image says it was built on 2026-11-01.'],
  ])('says when the images were built, if that can be believed: %s, %s', (from, to, words) => {
    expect(diffMarkdown(scanDiffFact({}, { created: { from, to } }))).toContain(words);
    expect(
      diffMarkdown(scanDiffFact({}, { created: { from: null, to: '0001-01-01T00:00:00Z' } })),
    ).not.toMatch(/built/i);
  });

  it('names what is ignored, by whom and why', () => {
    const ignored = [{ finding: finding('CVE-2026-0009'), by: 'vex' as const, reason: 'not | reachable' }];
    expect(diffMarkdown(scanDiffFact({ ignored }))).toContain('| VEX | not &#124; reachable |');
  });
});

const site = (file: string, line: number): Site => ({ file, line }) as Site;

describe('scanAnnotations', () => {
  it('marks every line that pins the image, for introduced critical and high ones only', () => {
    const fact = scanDiffFact({
      introduced: [...of('critical', 1), ...of('high', 1, 10), ...of('medium', 5, 20)],
      fixed: of('critical', 3, 90),
    });
    const annotations = scanAnnotations(fact, [site('b', 1), site('a', 9), site('a', 2)]);
    expect(annotations.map(({ path, line, level }) => [path, line, level])).toEqual([
      ['a', 2, 'failure'],
      ['a', 2, 'warning'],
      ['a', 9, 'failure'],
      ['a', 9, 'warning'],
      ['b', 1, 'failure'],
      ['b', 1, 'warning'],
    ]);
    expect(annotations[0]).toMatchObject({ title: 'CVE-2026-1000 (critical) comes with python:3.11' });
  });

  it('counts what is too much for one line', () => {
    const annotations = scanAnnotations(scanDiffFact({ introduced: of('critical', 25) }), [site('a', 1)]);
    expect(annotations).toHaveLength(10);
    expect(annotations.at(-1)?.title).toContain('16 more');
  });
});

describe('exportSbom', () => {
  it.each(['cyclonedx', 'spdx'] as const)('%s has a safe name and the packages', (format) => {
    const fact = scanDiffFact({}, { tag: '3.11/../x' });
    const [platform] = fact.platforms;
    const file =
      platform === undefined ? null : exportSbom(fact, platform, format, new Date('2026-11-01T00:00:00Z'));
    expect(file?.name).toMatch(/^python-3\.11-\.\.-x-linux-amd64\.(?:cdx|spdx)\.json$/);
    expect(file?.text).toContain('pkg:deb/debian/openssl@3.0.13-1');
    expect(() => JSON.parse(file?.text ?? '')).not.toThrow();
  });

  it('is none where packages are not known', () => {
    const fact = scanDiffFact(null);
    const [platform] = fact.platforms;
    expect(platform && exportSbom(fact, platform, 'spdx', new Date())).toBeNull();
  });
});

describe('whatever comes in', () => {
  const nasty = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'@#<>&;[]()!`*_~|\\ \n1aGgHh-:/w.'.split('')), maxLength: 60 }),
    fc.constantFrom(
      '@octocat',
      '#1',
      'GH-1',
      'a/b#1',
      '<script>alert(1)</script>',
      '</details>',
      '| a | b |',
      '![x](https://e.example)',
    ),
  );
  const nastyFinding = fc
    .record({
      id: nasty,
      name: nasty,
      installed: nasty,
      title: nasty,
      location: fc.option(nasty),
      fixedIn: fc.option(nasty),
      source: nasty,
    })
    .map(({ id, name, source, ...rest }) =>
      finding(id, name, { ...rest, severitySource: source, url: `https://e.example/${id}` }),
    );
  const nastyFact = fc
    .record({
      fixed: fc.array(nastyFinding, { maxLength: 4 }),
      introduced: fc.array(nastyFinding, { maxLength: 4 }),
      from: nasty,
      to: nasty,
      reason: nasty,
      key: nasty,
    })
    .map(({ fixed, introduced, from, to, reason, key }) =>
      scanDiffFact(
        {
          fixed,
          introduced,
          ignored: introduced.map((item) => ({ finding: item, by: 'exception' as const, reason })),
        },
        { warnings: [reason], platformsLost: [key], tag: 'x' },
        {
          packages: {
            added: [{ name: key, version: to, type: 'deb', purl: '' }],
            removed: [],
            changed: [{ name: from, type: 'deb', from, to, move: 'upgrade' }],
            unchanged: 0,
          },
          config: [
            { field: `env.${key}`, kind: 'env', from, to, matters: true },
            { field: 'entrypoint', kind: 'entrypoint', from, to, matters: false },
          ],
        },
      ),
    );
  const OURS =
    /<\/?(?:details|summary|p|table|thead|tbody|tr|th|td|h[234]|ul|li|code|br|strong|blockquote|a|a href="https:\/\/e\.example[^"]*")\/?>/g;

  it('no HTML but ours, no mention, no reference, no longer than allowed', () => {
    fc.assert(
      fc.property(nastyFact, fc.integer({ min: 200, max: 3000 }), (fact, limit) => {
        const section = scanPullRequestSection(fact, limit);
        expect(section.length).toBeLessThanOrEqual(limit);
        expect(section.match(/<details>/g)?.length).toBe(section.match(/<\/details>/g)?.length);
        const pieces = splitSections(fullReportSections(fact), limit);
        for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(limit);
        for (const text of [scanPullRequestSection(fact, 100_000), diffMarkdown(fact)]) {
          const html = marked.parse(text, { async: false, gfm: true });
          expect(html.replace(OURS, '')).not.toMatch(/<[a-z/!?]/i);
          // What GitHub would scan for names and numbers: the text outside code and tags.
          const visible = html
            .replace(/<code>[\s\S]*?<\/code>/g, '')
            .replace(/<[^>]*>/g, ' ')
            .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
          expect(visible).not.toMatch(/@[A-Za-z0-9]|#\d|\bgh-\d/i);
        }
      }),
      { numRuns: 150 },
    );
  });
});
