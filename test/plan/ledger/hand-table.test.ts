import { describe, expect, it } from 'vitest';
import { toDigest } from '../../../src/domain/digest.ts';
import { findHandTables, type HandPin, plainText, rowMeans } from '../../../src/plan/ledger/hand-table.ts';
import { splitLines } from '../../../src/plan/ledger/lines.ts';

const A = toDigest(`sha256:${'a'.repeat(63)}1`);

const tables = (text: string) => findHandTables(splitLines(text));
const HEAD = '| Image | Tag | Digest | Pinned on | Owner |\n|---|---|---|---|---|\n';
const row = (cells: string) => tables(`${HEAD}${cells}\n`)[0]?.rows[0];

describe('a date', () => {
  it.each([
    ['2026-01-31', '2026-01-31'],
    ['2026-01-31T10:00:00Z', '2026-01-31'],
    ['2026-01-31 10:00', '2026-01-31'],
    ['2026-01-311', null],
    ['31 Jan 2026', '2026-01-31'],
    ['January 31, 2026', '2026-01-31'],
    ['1st Feb. 2026', '2026-02-01'],
    ['2nd march 2026', '2026-03-02'],
    ['3rd December 2026', '2026-12-03'],
    ['4th Sep 2026', '2026-09-04'],
    ['31 Feb 2026', null],
    ['31 1 2026', null],
    ['31/01/2026', null],
    ['Jan 2026', null],
    ['on 31 Jan 2026', null],
    ['31 Foo 2026', null],
    ['31 Jan 26', null],
    ['310 Jan 2026', null],
    ['soon', null],
  ])('%j is read as %s', (text, want) => {
    const read = row(`| python | 3 | aaaaaaa | ${text} | |`);
    expect(read?.pinnedOn).toBe(want);
    expect(read?.extra).toEqual(want === null ? ['Pinned on'] : []);
  });

  it.each(['', '-', '—', 'unknown', 'Unknown'])('%j says nothing', (text) => {
    expect(row(`| python | 3 | aaaaaaa | ${text} | |`)).toMatchObject({ pinnedOn: null, extra: [] });
  });
});

describe('a row', () => {
  it.each<readonly [string, Partial<HandPin> | null]>([
    [
      '| python | 3.11 | sha256:aaaaaaa | | |',
      { repository: 'library/python', tag: '3.11', algorithm: 'sha256', prefix: 'aaaaaaa', suffix: '' },
    ],
    ['| python | :3.11 | aaaaaaa…bb | | |', { tag: '3.11', algorithm: null, suffix: 'bb' }],
    ['| python | 3 | AAAAAAA...BB | | |', { prefix: 'aaaaaaa', suffix: 'bb' }],
    ['| python | 3 | aaaaaaa..bb | | |', { suffix: 'bb' }],
    [
      '| Python:RC1 | | sha512:aaaaaaa | | |',
      { repository: 'library/python', tag: 'RC1', algorithm: 'sha512' },
    ],
    [
      '| localhost:5000/Base | | aaaaaaa | | |',
      { registry: 'localhost:5000', repository: 'base', tag: null },
    ],
    [
      '| Localhost:5000/Base:V1 | | aaaaaaa | | |',
      { registry: 'localhost:5000', repository: 'base', tag: 'V1' },
    ],
    ['| python | 3 | aaaaaa | | |', null],
    ['| a python | 3 | aaaaaaa | | |', null],
    ['| | 3 | aaaaaaa | | |', null],
  ])('%s', (cells, want) => {
    if (want === null) expect(row(cells)?.pin).toBeNull();
    else expect(row(cells)?.pin).toMatchObject(want);
  });

  it.each([
    ['| python | 3 | aaaaaaa | | Ann |', ['Owner']],
    ['| python | 3 | aaaaaaa | | — |', []],
    ['| python | 3 | aaaaaaa | | Ann | more |', ['Owner', 'more']],
    ['| python | 3 | aaaaaaa | someday | Ann |', ['Owner', 'Pinned on']],
    ['| python | 3 | aaaaaaa |', []],
  ])('%s has what the ledger has no place for: %j', (cells, extra) => {
    expect(row(cells)?.extra).toEqual(extra);
  });

  const pin: HandPin = {
    registry: 'docker.io',
    repository: 'library/python',
    tag: '3',
    algorithm: 'sha256',
    prefix: 'aaaaaaa',
    suffix: 'a1',
  };
  const image = { registry: 'docker.io', repository: 'library/python', tag: '3' };
  it.each<readonly [Partial<HandPin>, boolean]>([
    [{}, true],
    [{ tag: null }, true],
    [{ algorithm: null }, true],
    [{ suffix: '' }, true],
    [{ tag: '4' }, false],
    [{ algorithm: 'sha512' }, false],
    [{ registry: 'ghcr.io' }, false],
    [{ repository: 'library/node' }, false],
    [{ prefix: 'aaaaaab' }, false],
    [{ suffix: 'a' }, false],
    [{ prefix: 'a1' }, false],
  ])('with %j means the pin: %s', (change, want) => {
    expect(rowMeans({ ...pin, ...change }, image, A)).toBe(want);
  });
});

describe('a table', () => {
  const one = `${HEAD}| python | 3 | aaaaaaa | | |\n`;
  it.each([
    ['alone', one, [1]],
    ['without rows', HEAD, [0]],
    ['with text around', `# Title\n\n${one}\ntext\n`, [1]],
    ['twice', `${one}\n${one}`, [1, 1]],
    ['behind one of other things', `| a | b |\n|---|---|\n| 1 | 2 |\n\n${one}`, [1]],
    ['in a code block', `\`\`\`\n${one}\`\`\`\n`, []],
    ['with too few delimiters', one.replace('|---|---|---|---|---|', '|---|---|'), []],
    ['without delimiters', one.replace('|---|---|---|---|---|\n', ''), []],
    ['without an image', one.replace('Image', 'Owner'), []],
    ['without a digest', one.replace('Digest', 'Notes'), []],
    ['under a head in code and bold', one.replace('Image', '`**Image**`'), [1]],
  ])('%s', (_, text, rows) => {
    expect(tables(text).map((table) => table.rows.length)).toEqual(rows);
  });

  it('knows its head and the line under it', () => {
    const [found] = tables(`text\n\n${one}`);
    expect(found?.head.map((line) => line.text.trim())).toEqual(HEAD.trim().split('\n'));
  });
});

it.each([
  ['[`python`](https://x)', 'python'],
  ['![logo](x.png) python', 'logo python'],
  ['a<br>b', 'a b'],
  ['**bold** `code`', 'bold code'],
  ['a\\_b\\-c\\~d', 'a_b-c~d'],
  ['a\\b', 'a\\b'],
  ['  x ', 'x'],
])('%j says %j', (cell, want) => {
  expect(plainText(cell)).toBe(want);
});
