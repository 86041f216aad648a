import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import type {
  ConfigChange,
  FindingDiff,
  PackageDiff,
  PlatformScanDiff,
  ScanDiffFact,
} from '../../../src/assess/diff/scan-diff.ts';
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
    ['nothing changes', {}, {}, '🟢 −0 · +0 new · 0 unchanged'],
    [
      'only better',
      { fixed: [...of('critical', 7), ...of('high', 12, 100)], unchanged: of('low', 41, 200) },
      {},
      '🟢 −7 critical −12 high · +0 new · 41 unchanged',
    ],
    [
      'a severe one comes',
      { introduced: of('high', 1), fixed: of('medium', 2, 50) },
      {},
      '🔴 −2 medium · +1 high new · 0 unchanged',
    ],
    [
      'lesser ones come',
      { introduced: [...of('low', 1), ...of('unknown', 1, 9)] },
      {},
      '🟡 −0 · +2 lower new · 0 unchanged',
    ],
    ['unknown', null, {}, '⚪ vulnerabilities unknown'],
    ['a first pin', { unchanged: of('low', 3) }, { from: null }, '⚪ first pin · 3 known'],
  ])('%s', (_, findings, over, line) => {
    expect(scanSummaryLine(scanDiffFact(findings, over))).toBe(line);
  });

  it('without any platform compared is never green', () => {
    expect(scanSummaryLine({ ...scanDiffFact({}), platforms: [] })).toBe('⚪ vulnerabilities unknown');
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
      'The new image introduces 1 vulnerability',
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
    expect(annotations[0]).toMatchObject({ title: 'python:3.11 introduces CVE-2026-1000 (critical)' });
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

const platform = (architecture: string, over: Partial<PlatformScanDiff> = {}): PlatformScanDiff => {
  const [only] = scanDiffFact(
    {},
    {},
    { platform: { os: 'linux', architecture, variant: null }, ...over },
  ).platforms;
  if (only === undefined) throw new RangeError('no platform');
  return only;
};
const NO_FINDINGS: FindingDiff = { fixed: [], introduced: [], unchanged: [], ignored: [] };
const PACKAGES: PackageDiff = {
  added: [debian('less', '590')],
  removed: [debian('more', '1')],
  changed: [{ name: 'tar', type: 'deb', from: '1', to: '2', move: 'upgrade' }],
  unchanged: 7,
};

describe('the complete report', () => {
  const headings = (fact: ScanDiffFact) =>
    diffMarkdown(fact)
      .split('\n')
      .filter((line) => line.startsWith('#'));
  const full: Partial<PlatformScanDiff> = {
    findings: {
      fixed: of('high', 2),
      introduced: of('low', 1, 10),
      unchanged: of('low', 3, 20),
      ignored: [{ finding: finding('CVE-9'), by: 'exception', reason: 'r' }],
    },
    packages: PACKAGES,
    config: [MATTERS],
  };

  it('has a section for each kind of change, counted, the unchanged last', () => {
    expect(headings({ ...scanDiffFact({}), platforms: [platform('amd64', full)] })).toEqual([
      '## `python:3.11` `aaaaaaaa` → `bbbbbbbb`',
      '### Introduced (1)',
      '### Fixed (2)',
      '### Packages (3 of 10 changed)',
      '### Configuration (1)',
      '### Ignored (1)',
      '### Unchanged (3)',
    ]);
  });

  it('names the platform where there are several', () => {
    const fact = {
      ...scanDiffFact({}),
      platforms: [platform('amd64', full), platform('arm64', { ...full, platform: null })],
    };
    expect(headings(fact)).toContain('### Introduced on linux/amd64 (1)');
    expect(headings(fact)).toContain('### Introduced on platform unknown (1)');
    expect(diffMarkdown(fact)).toContain('- linux/amd64: −2 · +1 · 3 unchanged');
  });

  it('has no section for what did not change', () => {
    expect(headings(scanDiffFact({}))).toHaveLength(1);
    expect(
      headings({ ...scanDiffFact({}), platforms: [platform('amd64', { packages: null })] }),
    ).toHaveLength(1);
  });

  it('calls findings of a first pin found, not unchanged', () => {
    const fact = scanDiffFact({ unchanged: of('low', 2) }, { from: null, tag: null });
    expect(headings(fact)).toEqual(['## `python` not pinned → `bbbbbbbb`', '### Found (2)']);
    expect(diffMarkdown(fact)).toContain(`pinwheel diff python@sha256:${'b'.repeat(64)} python@`);
  });

  it('tells what is not known, on which platform and why', () => {
    const unknown = platform('arm64', { findings: null, unavailable: 'no SBOM' });
    const one = diffMarkdown({ ...scanDiffFact({}), platforms: [unknown] });
    expect(one).toMatch(/^> .*unknown \(scan-unavailable\): no SBOM/m);
    expect(one).not.toContain('linux/arm64 are');
    const both = diffMarkdown({ ...scanDiffFact({}), platforms: [platform('amd64'), unknown] });
    expect(both).toContain('Vulnerabilities on linux/arm64 unknown');
    expect(both).toContain('- linux/arm64: vulnerabilities unknown');
    expect(both).toContain('- linux/amd64: −0 · +0 · 0 unchanged');
  });

  it('tells warnings, upstream and what it was scanned with', () => {
    const text = diffMarkdown(
      scanDiffFact({}, { warnings: ['one', 'two'], compareUrl: 'https://github.com/a/b/compare/1...2' }),
    );
    expect(text).toMatch(/^> one\n>\n> two$/m);
    expect(text).toContain('Upstream: [what changed](https://github.com/a/b/compare/1...2)');
    expect(text).toMatch(/trivy 0\S*68\S*2, database of 2026-11-01, from attached SBOMs/);
    expect(diffMarkdown(scanDiffFact({}))).not.toMatch(/Upstream|^>/m);
    expect(diffMarkdown(scanDiffFact({}, { scanner: null }))).not.toContain('scanned by');
    const images = platform('amd64', {
      after: { ...platform('amd64').after, source: 'image' } as PlatformScanDiff['after'],
    });
    const undated = { name: 'grype', version: '1', database: null } as const;
    const other = diffMarkdown({ ...scanDiffFact({}, { scanner: undated }), platforms: [images] });
    expect(other).toMatch(/grype 1, from the images/);
  });
});

describe('the section of a pull request', () => {
  const text = (fact: ScanDiffFact) => scanPullRequestSection(fact, 60_000);
  const with_ = (over: Partial<PlatformScanDiff>, rest: Partial<ScanDiffFact> = {}) =>
    text(scanDiffFact({}, rest, over));

  it.each([
    [1, 'introduces 1 vulnerability:', null],
    [10, 'introduces 10 vulnerabilities:', null],
    [12, 'introduces 12 vulnerabilities:', '… and 2 more'],
  ])('lists %i introduced findings, ten at most', (count, words, more) => {
    const shown = text(scanDiffFact({ introduced: of('medium', count) }));
    expect(shown).toContain(words);
    expect(shown.match(/^\| 🟨 medium<br>/gm)).toHaveLength(Math.min(count, 10));
    expect(shown.includes('… and')).toBe(more !== null);
    if (more !== null) expect(shown).toContain(more);
  });

  it.each([
    [1, 'Fixed: CVE-2026-1000 (p0, high)</summary>'],
    [2, 'Fixed: CVE-2026-1000 (p0, high) and 1 more</summary>'],
  ])('folds %i fixed findings', (count, words) => {
    expect(text(scanDiffFact({ fixed: of('high', count) }))).toContain(words);
  });

  it('folds forty rows at most, and says how many are left', () => {
    const shown = text(scanDiffFact({ fixed: of('high', 43) }));
    expect(shown.match(/^\| 🟧 high<br>/gm)).toHaveLength(40);
    expect(shown).toContain('… and 3 more in the check run.');
    expect(text(scanDiffFact({ fixed: of('high', 40) }))).not.toContain('more in the check run');
  });

  it.each([
    [{ packages: PACKAGES }, '0 unchanged findings, 3 packages changed, 0 configuration changes'],
    [{ packages: null }, '0 unchanged findings, packages unknown, 0 configuration changes'],
    [{ config: [MATTERS] }, '0 unchanged findings, 0 packages changed, 1 configuration change'],
    [
      { findings: { ...NO_FINDINGS, unchanged: of('low', 1) } },
      '1 unchanged finding, 0 packages changed, 0 configuration changes',
    ],
  ])('counts the rest: %#', (over, summary) => {
    const shown = with_(over);
    expect(shown).toContain(`<summary>${summary}</summary>`);
    expect(shown.includes('**Packages**')).toBe('packages' in over && over.packages !== null);
    expect(shown.includes('**Configuration**')).toBe('config' in over);
  });

  it('says by severity what is still there, and how much is ignored', () => {
    const ignored = ['CVE-1', 'CVE-1', 'CVE-2'].map((id) => ({
      finding: finding(id),
      by: 'vex' as const,
      reason: '',
    }));
    const shown = with_({
      findings: { ...NO_FINDINGS, unchanged: [...of('high', 2), ...of('low', 1, 50)], ignored },
    });
    expect(shown).toMatch(/Still there: 2 high 1 lower\. 2 vulnerabilities are ignored/);
    expect(with_({ findings: { ...NO_FINDINGS, ignored: ignored.slice(0, 1) } })).toContain(
      '1 vulnerability is ignored',
    );
    expect(with_({})).not.toMatch(/Still there|ignored/);
  });

  it('tells once what matters on every platform, and nothing else above the folds', () => {
    const config = [MATTERS, { ...MATTERS, field: 'cmd', kind: 'cmd' as const, matters: false }];
    const shown = text({
      ...scanDiffFact({}),
      platforms: [platform('amd64', { config }), platform('arm64', { config })],
    });
    const [above = ''] = shown.split('<details>');
    expect(above.match(/⚙️/g)).toHaveLength(1);
    expect(above).not.toContain('cmd');
  });

  it.each([
    [5, false],
    [6, true],
  ])('names %i downgraded packages', (count, more) => {
    const changed = Array.from({ length: count }, (_, at) => ({
      name: `p${at}`,
      type: 'deb',
      from: '2',
      to: '1',
      move: 'downgrade' as const,
    }));
    const rebuilt = { name: 'q', type: 'deb', from: '1', to: '1', move: 'rebuild' as const };
    const [above = ''] = with_({
      packages: { ...PACKAGES, changed: [...changed, ...changed, rebuilt] },
    }).split('<details>');
    const line = above.split('\n').find((one) => one.includes('downgraded')) ?? '';
    expect(line.match(/`p\d`/g)).toHaveLength(5);
    expect(line.includes('and 1 more')).toBe(more);
    expect(line).not.toContain('`q`');
  });

  it('links the commits, where both are known', () => {
    const compareUrl = 'https://github.com/a/b/compare/1...2';
    const revisions = { from: '1111111aaaa', to: '2222222bbbb' };
    expect(with_({}, { compareUrl, revisions })).toContain(`[a/b 1111111...2222222](${compareUrl})`);
    for (const part of [
      { compareUrl: null, revisions },
      { compareUrl, revisions: { ...revisions, from: null } },
      { compareUrl, revisions: { ...revisions, to: null } },
    ]) {
      expect(with_({}, part)).not.toContain('Upstream');
    }
  });

  it('names platforms that were not compared', () => {
    expect(with_({}, { platformsNotCompared: ['linux/s390x', 'linux/386'] })).toContain(
      '- not compared: linux/s390x, linux/386',
    );
    expect(with_({})).not.toContain('**Platforms**');
  });

  it('tells each reason once why nothing is known', () => {
    const unknown = { findings: null, unavailable: 'no SBOM' };
    const fact = {
      ...scanDiffFact({}),
      platforms: [platform('amd64', unknown), platform('arm64', unknown), platform('386')],
    };
    expect(text(fact).match(/scan-unavailable/g)).toHaveLength(1);
    expect(text({ ...fact, platforms: [] })).not.toContain('<details>');
  });
});
