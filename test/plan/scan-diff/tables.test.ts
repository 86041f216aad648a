import { describe, expect, it } from 'vitest';
import type { ConfigChange } from '../../../src/assess/diff/scan-diff.ts';
import { describeConfigChange } from '../../../src/plan/scan-diff/config-words.ts';
import {
  configPhrase,
  configSection,
  findingRow,
  findingSection,
  packageSection,
  severityTable,
} from '../../../src/plan/scan-diff/tables.ts';
import { debian, finding, scanDiffFact } from '../../support/findings.ts';

const change = (rest: Partial<ConfigChange>): ConfigChange => ({
  field: 'cmd',
  kind: 'cmd',
  from: null,
  to: null,
  matters: false,
  ...rest,
});

/** The cells of a row of a Markdown table. */
const cells = (row: string) =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

describe('a change of the configuration is told', () => {
  it.each<readonly [Partial<ConfigChange>, string | RegExp]>([
    [{ field: 'user', kind: 'user', from: 'app', to: null }, 'runs as root (was app)'],
    [{ field: 'user', kind: 'user', from: null, to: 'app' }, 'runs as app (was root)'],
    [{ field: 'user', kind: 'user', from: '0', to: '1000' }, 'runs as 1000 (was root)'],
    [{ field: 'ports.8080/tcp', kind: 'ports', to: 'x' }, 'new port 8080/tcp'],
    [{ field: 'ports.8080/tcp', kind: 'ports', from: 'x' }, 'port 8080/tcp is gone'],
    [{ field: 'volumes./data', kind: 'volumes', to: 'x' }, 'new volume /data'],
    [{ field: 'volumes./data', kind: 'volumes', from: 'x' }, 'volume /data is gone'],
    [{ field: 'env.PATH', kind: 'env', from: '/a', to: '/b' }, 'variable PATH /a → /b'],
    [{ field: 'labels.by', kind: 'labels', from: 'x' }, 'label by removed (was x)'],
    [{ field: 'size', kind: 'size', from: '1000000', to: '2500000' }, 'size 1.0 MB → 2.5 MB'],
    [{ field: 'layers', kind: 'layers', from: '3', to: '4' }, '3 → 4 layers'],
    [{ field: 'layers', kind: 'layers' }, '0 → 0 layers'],
    [{ field: 'shell-present', kind: 'shell-present', from: '/bin/sh' }, 'shell removed (was /bin/sh)'],
    [{ field: 'package-manager', kind: 'package-manager', to: 'apt' }, 'package manager added: apt'],
    [{ field: 'os-release', kind: 'os-release', from: '12', to: '13' }, 'distribution 12 → 13'],
    [{ field: 'os-release', kind: 'os-release' }, 'distribution ? → ?'],
    [
      { field: 'os-end-of-life', kind: 'os-end-of-life', to: '2026-06-30', matters: true },
      /ended on 2026-06-30$/,
    ],
    [{ field: 'os-end-of-life', kind: 'os-end-of-life', matters: true }, /ended on \?$/],
    [
      { field: 'os-end-of-life', kind: 'os-end-of-life', from: '2026', to: '2028' },
      'end of support 2026 → 2028',
    ],
    [{ from: 'a', to: ' ' }, 'cmd a → (empty)'],
    [{ to: '' }, 'cmd added: (empty)'],
    [{ from: 'a' }, 'cmd removed (was a)'],
  ])('%o', (given, want) => {
    const told = describeConfigChange(change(given));
    if (typeof want === 'string') expect(told).toBe(want);
    else expect(told).toMatch(want);
  });

  it('in bold where it matters, those first', () => {
    const [plain, grave] = [change({ to: 'a' }), change({ to: 'b', matters: true })];
    expect(configPhrase(plain)).not.toContain('**');
    expect(configPhrase(grave)).toMatch(/^\*\*.*b\*\*$/);
    expect(configSection('**Head**', [plain, grave, plain])).toEqual({
      head: '**Head**\n',
      rows: [grave, plain, plain].map((one) => `- ${configPhrase(one)}`),
      foot: '',
    });
  });
});

describe('severityTable', () => {
  const of = (...severities: readonly Parameters<typeof finding>[2][]) =>
    severities.map((rest, index) => finding(`CVE-${index}-${JSON.stringify(rest)}`, 'a', rest));
  const rows = (fact: ReturnType<typeof scanDiffFact>) => severityTable(fact).split('\n').map(cells);

  it('has a row each for what goes, comes and stays, and a column where something is', () => {
    const fact = scanDiffFact({
      fixed: of(
        { severity: 'critical' },
        { severity: 'low' },
        { severity: 'unknown' },
        { severity: 'negligible' },
      ),
      introduced: of({ severity: 'medium' }),
      unchanged: of({ severity: 'critical' }, { severity: 'critical' }),
    });
    const [head, , ...body] = rows(fact);
    expect(head?.map((cell) => cell.replace(/^\S+ /, ''))).toEqual(['', 'critical', 'medium', 'lower']);
    expect(body).toEqual([
      ['fixed', '−1', '·', '−3'],
      ['introduced', '·', '**+1**', '·'],
      ['unchanged', '2', '·', '·'],
    ]);
  });

  it('has every column, the worst first', () => {
    const all = of(
      { severity: 'low' },
      { severity: 'medium' },
      { severity: 'high' },
      { severity: 'critical' },
    );
    expect(rows(scanDiffFact({ introduced: all }))[0]).toEqual([
      '',
      '🟥 critical',
      '🟧 high',
      '🟨 medium',
      '⬜ lower',
    ]);
  });

  it('is empty where there is nothing', () => {
    expect(severityTable(scanDiffFact({}))).toBe('');
    expect(severityTable(scanDiffFact(null))).toBe('');
  });
});

describe('a finding', () => {
  it('says all that is known', () => {
    const row = cells(
      findingRow(finding('CVE-1', 'tar', { title: 'a flaw', severity: 'critical', location: '/app' })),
    );
    expect(row).toEqual([
      '🟥 critical<br>by debian',
      '[CVE-1](https://security-tracker.debian.org/tracker/CVE-1)<br>a flaw',
      '`tar`<br>in `/app`',
      '3\\.0.11-1',
      '3\\.0.13-1',
    ]);
  });

  it('leaves out what is not', () => {
    const bare = { severitySource: null, title: '', url: null, fixedIn: null, severity: 'unknown' } as const;
    expect(cells(findingRow(finding('CVE-1', 'tar', bare)))).toEqual([
      '⬜ not rated',
      'CVE-1',
      '`tar`',
      '3\\.0.11-1',
      'no fix yet',
    ]);
  });

  it.each(['high', 'medium', 'low', 'negligible'] as const)('is marked: %s', (severity) => {
    expect(cells(findingRow(finding('CVE-1', 'tar', { severity, severitySource: null })))[0]).toMatch(
      new RegExp(`^\\S+ ${severity}$`),
    );
  });

  it('is short, however long its texts are', () => {
    const long = 'x'.repeat(5_000);
    const texts = {
      title: long,
      installed: long,
      fixedIn: long,
      location: long,
      severitySource: long,
      url: null,
    };
    expect(findingRow(finding(long, long, texts)).length).toBeLessThan(700);
    expect(findingRow(finding(long, 'tar', { url: 'https://example.org' })).length).toBeLessThan(400);
  });

  it('stands in a table under its heading', () => {
    const section = findingSection('### Two', [finding('CVE-1'), finding('CVE-2')]);
    const [heading, empty, head, line] = section.head.split('\n');
    expect([heading, empty]).toEqual(['### Two', '']);
    expect(cells(head ?? '')).toEqual(['severity', 'vulnerability', 'package', 'installed', 'fixed in']);
    expect(line).toMatch(/^\|[-|: ]+\|$/);
    expect(section.rows).toEqual([finding('CVE-1'), finding('CVE-2')].map(findingRow));
  });
});

describe('packages', () => {
  it('are told as changed, added and removed, in that order', () => {
    const moves = ['upgrade', 'downgrade', 'rebuild', 'unknown'] as const;
    const section = packageSection('### Packages', {
      added: [debian('less', '590')],
      removed: [debian('more', '1')],
      changed: moves.map((move) => ({ name: move, type: 'deb', from: '1', to: '2', move })),
      unchanged: 3,
    });
    expect(section.rows.map(cells)).toEqual([
      ['⬆ upgrade', '`upgrade`', '1', '2'],
      ['⬇ **downgrade**', '`downgrade`', '1', '2'],
      ['rebuild', '`rebuild`', '1', '2'],
      ['changed', '`unknown`', '1', '2'],
      ['added', '`less`', '', '590'],
      ['removed', '`more`', '1', ''],
    ]);
    expect(cells(section.head.split('\n')[2] ?? '')).toEqual(['', 'package', 'was', 'now']);
    expect(section.head.split('\n').slice(0, 2)).toEqual(['### Packages', '']);
  });
});
