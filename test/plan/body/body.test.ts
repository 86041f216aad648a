import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { type IsoDate, isIsoDate } from '../../../src/domain/ledger-entry.ts';
import { parsePlatforms } from '../../../src/domain/platform.ts';
import {
  type BodyInput,
  rebuildTicked,
  renderBody as render,
  renderMoves,
} from '../../../src/plan/body/body.ts';
import type { RotationReport } from '../../../src/plan/body/report.ts';
import { EMPTY_REPORT } from '../../../src/plan/body/report.ts';
import { renderCommitMessage, renderTitle } from '../../../src/plan/body/title.ts';
import type { Rotation } from '../../../src/plan/plan.ts';
import type { AgeAssessment } from '../../../src/policy/age.ts';
import { escapeMarkdown } from '../../../src/report/markdown.ts';
import { digestOf, rotationsOver } from '../../support/fake-pass.ts';

function day(text: string): IsoDate {
  if (!isIsoDate(text)) throw new RangeError(text);
  return text;
}

const EXPIRED: AgeAssessment = {
  status: 'expired',
  basis: 'published',
  since: day('2026-11-01'),
  ageDays: 19,
  limitDays: 14,
  message: '',
};

const MARKER = '<!-- pinwheel:{} -->';

function input(reports: readonly Partial<RotationReport>[], change: Partial<BodyInput> = {}): BodyInput {
  const images = reports.map((_, i) => `registry.example.com/team/image-${i}:1.${i}`);
  const text = images.map((image) => `FROM ${image}@${digestOf('a')}\n`).join('');
  const rotations = rotationsOver(
    new Map([['Dockerfile', text]]),
    images.map((image) => ({ image, to: digestOf('b') })),
  );
  return {
    moves: rotations.map((rotation, i) => ({ rotation, report: { ...EMPTY_REPORT, ...reports[i] } })),
    ledger: 'BASE_IMAGE_DIGESTS.md',
    today: day('2026-11-20'),
    marker: MARKER,
    fileUrl: null,
    ...change,
  };
}

const delta = (critical: number, high: number, newHigh = 0, lower = 0, newLower = 0) => ({
  fixed: { critical, high, lower },
  introduced: { critical: 0, high: newHigh, lower: newLower },
});

describe('renderTitle', () => {
  const settings = { title: null, commitPrefix: 'chore(images)', group: 'all' };
  it.each([
    [
      [{ delta: delta(2, 5) }, { delta: delta(1, 4) }],
      settings,
      'chore(images): rotate 2 base images (−3 critical, −9 high)',
    ],
    [[{}], settings, 'chore(images): rotate registry.example.com/team/image-0:1.0'],
    [
      [{ delta: delta(0, 0, 1) }],
      { ...settings, commitPrefix: '' },
      'rotate registry.example.com/team/image-0:1.0 (+1 high)',
    ],
    [[{}, {}], { ...settings, title: '{group}: {count} moves\n' }, 'chore(images): all: 2 moves'],
  ])('%o', (reports, given, expected) => {
    const { moves } = input(reports);
    const title = renderTitle(
      moves.map((move) => move.rotation),
      moves.map((move) => move.report),
      given,
    );
    expect(title).toBe(expected);
  });

  it('is one line that GitHub takes', () => {
    const { moves } = input(Array.from({ length: 60 }, () => ({})));
    const title = renderTitle(
      moves.map((move) => move.rotation),
      [],
      { ...settings, title: '{images}' },
    );
    expect(title.length).toBeLessThanOrEqual(200);
    expect(title).not.toContain('\n');
  });

  it('the commit message names every move, and signs off where asked', () => {
    const { moves } = input([{}]);
    const rotations = moves.map((move) => move.rotation);
    expect(renderCommitMessage('title', rotations, ['Signed-off-by: Pinwheel <p@example.org>'])).toBe(
      'title\n\nregistry.example.com/team/image-0:1.0: aaaaaaaa -> bbbbbbbb\n\nSigned-off-by: Pinwheel <p@example.org>',
    );
  });
});

const LIMIT = 65_536;

function renderBody(given: BodyInput, limit = LIMIT): string {
  return render(given, limit);
}

describe('renderBody', () => {
  it('says what moves, since when, and what goes', () => {
    const body = renderBody(
      input([
        {
          delta: delta(3, 8),
          security: '🟢 −3 critical · −8 high · +0',
          age: EXPIRED,
          firstSeen: day('2026-11-16'),
          source: { url: 'https://github.com/docker-library/python', from: '1f2e3d4a', to: '9a8b7c6b' },
          verdicts: ['✅ signature verified'],
        },
      ]),
    );
    expect(body).toContain(
      '**1 base image moves to a newer digest. Fixes 3 critical and 8 high vulnerabilities, adds none.**',
    );
    expect(body).toContain('expired: 19 days (limit 14), published 2026-11-01');
    expect(body).toContain('4 days ago');
    expect(body).toContain('https://github.com/docker-library/python/compare/1f2e3d4a...9a8b7c6b');
    expect(body).toContain('✅ signature verified');
    expect(body).toContain('1 place edited in 1 file, ledger updated');
    expect(body.endsWith(MARKER)).toBe(true);
  });

  it('suggests one variant at most, in a line of its own below the table', () => {
    const lines = ['a', 'b'].map((name) => `Fewer findings: \`${name}:1-slim\` has 0.`);
    const body = renderBody(input([{}, ...lines.map((suggestion) => ({ suggestion }))]));
    const shown = body.split('\n').filter((line) => line.includes('Fewer findings'));
    expect(shown).toEqual([`💡 ${lines[0]}`]);
    expect(body.indexOf('💡')).toBeGreaterThan(body.lastIndexOf('|'));
    expect(renderBody(input([{}]))).not.toContain('💡');
  });

  it.each([
    [delta(3, 9), 'Fixes 3 critical and 9 high vulnerabilities, adds none.'],
    [delta(3, 9, 0, 4), 'Fixes 3 critical, 9 high and 4 lower vulnerabilities, adds none.'],
    [delta(2, 0, 0, 0, 1), 'Fixes 2 critical vulnerabilities, adds 1 lower.'],
    [delta(1, 0), 'Fixes 1 critical vulnerability, adds none.'],
    [delta(0, 0, 2), '⚠️ Adds 2 high vulnerabilities, fixes none.'],
    [delta(0, 0, 0, 0, 1), 'Adds 1 lower vulnerability, fixes none.'],
    [delta(0, 5, 1), '⚠️ Fixes 5 high vulnerabilities, adds 1 high.'],
    [delta(0, 0), 'No known vulnerabilities fixed or added.'],
  ])('%o is said as %j', (given, words) => {
    expect(renderBody(input([{ delta: given }]))).toContain(`newer digest. ${words}**`);
  });

  it('says nothing of ages where the day is left out, so that it changes with the matter only', () => {
    const report = { age: EXPIRED, firstSeen: day('2026-11-16') };
    const without = renderBody(input([report], { today: null }));
    expect(without).not.toMatch(/days? ago|\d+ days/);
  });

  it('never grows over the limit, never cuts a row, and keeps box and marker', () => {
    const section = fc.record({
      summary: fc.string({ maxLength: 100 }),
      section: fc.record({
        head: fc.constant('| a | b |\n|---|---|'),
        rows: fc.array(
          fc.integer({ min: 1, max: 400 }).map((n) => `| ${'x'.repeat(n)} | end |`),
          { maxLength: 400 },
        ),
        foot: fc.constant(''),
      }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.array(section, { maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 4000, max: LIMIT }),
        (folds, limit) => {
          const body = renderBody(input(folds.map((one) => ({ folds: one }))), limit);
          expect(body.length).toBeLessThanOrEqual(limit);
          expect(body.endsWith(MARKER)).toBe(true);
          expect(body).toContain('rebuild this pull request');
          for (const line of body.split('\n')) {
            if (line.startsWith('| x')) expect(line.endsWith('| end |')).toBe(true);
          }
          expect(body.split('<details>').length).toBe(body.split('</details>').length);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('of hundreds of moves stays under GitHub’s limit', () => {
    const body = renderBody(input(Array.from({ length: 900 }, () => ({ verdicts: ['x'.repeat(300)] }))));
    expect(body.length).toBeLessThanOrEqual(LIMIT);
    expect(body).toContain('did not fit');
  });

  it('leaves no live mention, reference or HTML from text that others wrote', () => {
    const hostile =
      '@everyone #1 <img src=x onerror=alert(1)> [x](javascript:alert(1)) ![](http://e.vil) | ` ';
    const body = renderBody(
      input([
        {
          verdicts: [escapeMarkdown(hostile)],
          source: { url: `https://github.com/${hostile}/x`, from: null, to: '1234567' },
          folds: [{ summary: hostile, section: { head: escapeMarkdown(hostile), rows: [], foot: '' } }],
        },
      ]),
    );
    const html = marked.parse(body, { async: false });
    expect(html).not.toMatch(/<img|href="javascript|<script/i);
    expect(body).not.toMatch(/@everyone|(?<![\w&])#1\b/);
  });

  it.each([
    ['- [x] <!-- pinwheel:rebuild -->rebuild this pull request', true],
    ['* [X] <!-- pinwheel:rebuild -->rebuild', true],
    ['- [ ] <!-- pinwheel:rebuild -->rebuild', false],
    ['text - [x] <!-- pinwheel:rebuild -->', false],
    ['- [x] something else', false],
  ])('the box in %j is ticked: %s', (line, ticked) => {
    expect(rebuildTicked(`above\r\n${line}\r\nbelow`)).toBe(ticked);
  });
});

describe('the table of moves', () => {
  const TODAY = day('2026-11-20');
  /** The cells under each head of the first row, by head. */
  function cells(given: BodyInput, row = 0): Readonly<Record<string, string>> {
    const [head, , ...rows] = renderMoves(given.moves, given.today)
      .split('\n')
      .map((line) => line.split('|').slice(1, -1));
    return Object.fromEntries((head ?? []).map((name, at) => [name.trim(), rows[row]?.[at]?.trim() ?? '']));
  }
  const withRotation = (change: Partial<Rotation>): BodyInput => {
    const plain = input([{}]);
    return {
      ...plain,
      moves: plain.moves.map((move) => ({ ...move, rotation: { ...move.rotation, ...change } })),
    };
  };
  const shape = (...names: readonly string[]) =>
    ({ kind: 'index', platforms: parsePlatforms(names) }) as const;
  const latest = { digest: digestOf('b'), mediaType: 'x', size: 1 };
  const pinned = {
    image: { registry: 'docker.io', repository: 'a', tag: '1' },
    from: digestOf('a'),
    to: digestOf('b'),
    latest,
    oldShape: shape(),
  };

  it('has no columns that nothing is known for', () => {
    expect(Object.keys(cells(input([{}])))).toEqual(['image', 'digest', 'platforms']);
  });

  it.each([
    ['firstSeen', '2026-11-20', 'new image first seen', 'today'],
    ['firstSeen', '2026-11-19', 'new image first seen', 'yesterday'],
    ['firstSeen', '2026-11-10', 'new image first seen', '10 days ago'],
    ['published', '2026-11-10', 'new image first seen', 'published 2026-11-10'],
  ] as const)('%s %s', (clock, date, column, want) => {
    const given = input([{ [clock]: day(date) }, {}], { today: TODAY });
    expect(cells(given)[column]).toBe(want);
    expect(cells(given, 1)[column]).toBe('now');
  });

  it.each<readonly [string, Partial<AgeAssessment>, string, string]>([
    [
      'days',
      {},
      'expired: 19 days (limit 14), published 2026-11-01',
      'expired: published 2026-11-01 (limit 14)',
    ],
    [
      'one day',
      { ageDays: 1, status: 'fresh', basis: 'pinned-on' },
      'fresh: 1 day (limit 14), pinned on 2026-11-01',
      'fresh: pinned on 2026-11-01 (limit 14)',
    ],
    [
      'no limit',
      { limitDays: null, status: 'fresh' },
      'fresh: 19 days, published 2026-11-01',
      'fresh: published 2026-11-01',
    ],
    ['nothing', { status: 'unknown', basis: null, since: null, ageDays: null }, 'unknown', 'unknown'],
  ])('an age of %s', (_, change, today, steady) => {
    const moves = [{ age: { ...EXPIRED, ...change } }, {}];
    const given = input(moves, { today: TODAY });
    expect(cells(given)['age']).toBe(today);
    expect(cells(given, 1)['age']).toBe('');
    expect(cells(input(moves, { today: null }))['age']).toBe(steady);
  });

  it('tells the days themselves where no day is today, and a day of publication once', () => {
    const dates = {
      firstSeen: day('2026-11-10'),
      published: day('2026-11-10'),
    };
    const told = cells(input([dates], { today: null }));
    expect(told['new image first seen']).toBe('2026-11-10');
    const apart = cells(input([{ ...dates, published: day('2026-11-09') }], { today: TODAY }));
    expect(apart['new image first seen']).toBe('10 days ago, published 2026-11-09');
  });

  it('says which moves were not compared', () => {
    const given = input([{ security: 'better' }, {}]);
    expect([cells(given)['security'], cells(given, 1)['security']]).toEqual(['better', 'not compared']);
  });

  it.each<readonly [string, Partial<Rotation>, string]>([
    ['a digest', {}, '`aaaaaaaa`&nbsp;→&nbsp;`bbbbbbbb`'],
    ['a first one', { from: null }, 'none&nbsp;→&nbsp;`bbbbbbbb`'],
  ])('tells %s', (_, rotation, want) => {
    expect(cells(withRotation(rotation))['digest']).toBe(want);
  });

  it.each<readonly [string, Partial<Rotation>, string]>([
    ['a name', {}, '`registry.example.com/team/image-0:1.0`'],
    ['another tag', { toTag: '1.1' }, '`registry.example.com/team/image-0:1.0` → `1.1`'],
    [
      'a link to the new tag',
      { image: { registry: 'docker.io', repository: 'library/python', tag: '1' }, toTag: '2' },
      '[`python:1`](https://hub.docker.com/_/python/tags?name=2) → `2`',
    ],
  ])('tells %s', (_, rotation, want) => {
    expect(cells(withRotation(rotation))['image']).toBe(want);
  });

  const seven = ['amd64', 'arm64', 's390x', 'ppc64le', 'riscv64', '386', 'mips64le'].map(
    (name) => `linux/${name}`,
  );
  it.each<readonly [string, Rotation['resolution'], string]>([
    [
      'some',
      { ...pinned, status: 'moved', shape: shape('linux/arm64', 'windows/amd64', 'linux/amd64') },
      'amd64, arm64, windows/amd64 ✓',
    ],
    ['none', { ...pinned, status: 'moved', shape: shape() }, ''],
    [
      'six',
      { ...pinned, status: 'moved', shape: shape(...seven.slice(0, 6)) },
      '386, amd64, arm64, ppc64le, riscv64, s390x ✓',
    ],
    [
      'more than six',
      { ...pinned, status: 'moved', shape: shape(...seven) },
      '386, amd64, arm64, mips64le, ppc64le, riscv64, 1 more ✓',
    ],
    [
      'lost ones',
      {
        ...pinned,
        status: 'lost-platforms',
        shape: shape('linux/amd64'),
        lost: parsePlatforms(['linux/s390x', 'linux/arm64']),
      },
      'amd64 — ⚠️ without arm64, s390x',
    ],
    ['nothing that moves', { ...pinned, status: 'unfollowable', detail: '' }, ''],
  ])('tells platforms: %s', (_, resolution, want) => {
    expect(cells(withRotation({ resolution }))['platforms']).toBe(want);
  });
});

describe('the rest of the body', () => {
  it.each([
    [1, false, '1 base image moves to a newer digest'],
    [2, false, '2 base images move to newer digests'],
    [1, true, '1 base image is pinned to its digest'],
    [2, true, '2 base images are pinned to their digests'],
  ])('%i moves, first pins: %s', (count, first, words) => {
    const given = input(Array.from({ length: count }, () => ({})));
    const moves = given.moves.map((move) => ({
      ...move,
      rotation: { ...move.rotation, ...(first ? { from: null } : {}) },
    }));
    expect(renderBody({ ...given, moves })).toContain(`**${words}.`);
  });

  it('names the image where several have verdicts or folds, and not where one has', () => {
    const section = { head: 'depth', rows: [], foot: '' };
    const report = { verdicts: ['signed', 'settled'], folds: [{ summary: 'More', section }] };
    const one = renderBody(input([report]));
    expect(one).toContain('\nsigned · settled\n');
    expect(one).toContain('<summary>More</summary>');
    const two = renderBody(input([report, { ...report, verdicts: [] }]));
    expect(two).toContain('\n`registry.example.com/team/image-0:1.0`: signed · settled\n');
    expect(two).toContain('<summary>registry.example.com/team/image-1:1.1: More</summary>');
  });

  it('counts places and files, and names them in order, with the ledger last', () => {
    const two = renderBody(input([{}, {}]));
    expect(two).toContain('2 places edited in 1 file, ledger updated');
    expect(two.indexOf('`Dockerfile:1`')).toBeLessThan(two.indexOf('`Dockerfile:2`'));
    expect(two.indexOf('`Dockerfile:2`')).toBeLessThan(two.indexOf('`BASE_IMAGE_DIGESTS.md`'));
    const bare = renderBody(
      input([{}], { ledger: null, fileUrl: (path, line) => `https://x.example/${path}#L${line}` }),
    );
    expect(bare).toContain('1 place edited in 1 file<');
    expect(bare).not.toContain('BASE_IMAGE_DIGESTS');
    expect(bare).toContain('[Dockerfile:1](https://x.example/Dockerfile#L1) FROM');
  });

  it('links each upstream once, from commit to commit where both are known', () => {
    const url = 'https://github.com/acme/base';
    const source = { url, from: '1111111aaa', to: '2222222bbb' };
    const body = renderBody(
      input([
        { source },
        { source },
        { source: { ...source, from: null } },
        { source: { ...source, to: 'main' } },
      ]),
    );
    const [line] = body.split('\n').filter((one) => one.startsWith('Upstream'));
    expect(line?.match(/\]\(/g)).toHaveLength(2);
    expect(line).toContain('acme/base 1111111...2222222');
    expect(line).toContain('acme/base 2222222');
    expect(renderBody(input([{}]))).not.toContain('Upstream');
  });
});
