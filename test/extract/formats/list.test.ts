import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatTable, withFormatTable } from '../../../scripts/format-table.ts';
import { formats } from '../../../src/extract/formats/list.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const FIXTURES = join(ROOT, 'test', 'fixtures', 'extract');
const document = readFileSync(join(ROOT, 'docs', 'formats.md'), 'utf8');

describe('the list of formats', () => {
  it('names each of them once', () => {
    const names = formats.map(({ format }) => format);
    expect(names).toEqual([...new Set(names)]);
  });

  it.each(formats)('$format: has a folder of fixtures with what is expected of them', ({ format }) => {
    const folder = join(FIXTURES, format);
    const cases = existsSync(folder) ? readdirSync(folder).filter((name) => name !== 'refused') : [];
    expect(cases, `add a case to test/fixtures/extract/${format}/`).not.toEqual([]);
    for (const name of cases) expect(existsSync(join(folder, name, 'expected.json')), name).toBe(true);
  });

  it('has every format there are fixtures of', () => {
    expect(readdirSync(FIXTURES).sort()).toEqual(formats.map(({ format }) => format as string).sort());
  });
});

describe('the formats', () => {
  it('leave the metering of their work to the readers', () => {
    const folder = join(ROOT, 'src', 'extract', 'formats');
    const files = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.ts'));
    expect(files).toContain('compose.ts');
    const metering = files.filter((name) => readFileSync(join(folder, name), 'utf8').includes('.spend('));
    expect(metering).toEqual([]);
  });
});

describe('the table in docs/formats.md', () => {
  it('is what the formats say', () => {
    expect(document, 'run "npm run docs"').toBe(withFormatTable(document));
  });

  it.each(formats)('$format: has a row that names its files and what is found in them', ({ format }) => {
    const row = formatTable()
      .split('\n')
      .find((line) => line.startsWith(`| \`${format}\` | `));
    expect(row?.split(' | ').map((cell) => cell.trim() !== '')).toEqual([true, true, true]);
  });

  it('is not written into a document that has no place for it', () => {
    expect(() => withFormatTable('# File formats\n')).toThrow(RangeError);
  });
});
