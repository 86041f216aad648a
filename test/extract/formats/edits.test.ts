import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDigest } from '../../../src/domain/digest.ts';
import { isIsoDate } from '../../../src/domain/ledger-entry.ts';
import type { Site } from '../../../src/domain/site.ts';
import { decodeSource } from '../../../src/extract/decode.ts';
import type { FormatExtractor, SourceFile } from '../../../src/extract/format.ts';
import { formats } from '../../../src/extract/formats/list.ts';
import { applyEdits, siteEdits } from '../../../src/plan/edits.ts';
import { followedImage } from '../../../src/plan/pins.ts';
import { verifyEdits } from '../../../src/plan/verify-edits.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'extract');
const FRESH = toDigest(`sha256:${'5e77c2d1'.repeat(8)}`);
const TODAY = '2026-11-20';

type Case = { readonly name: string; readonly file: SourceFile; readonly format: FormatExtractor };

/** Every fixture file of every format but Dockerfiles, which have tests of their own. */
function cases(): Case[] {
  return formats
    .filter(({ format }) => format !== 'dockerfile')
    .flatMap((format) => {
      const root = join(FIXTURES, format.format);
      const paths = readdirSync(FIXTURES).includes(format.format)
        ? readdirSync(root, { recursive: true })
        : [];
      return paths.map(String).flatMap((path) => {
        const full = join(root, path);
        if (!statSync(full).isFile() || path.endsWith('expected.json') || path.includes('refused/'))
          return [];
        const decoded = decodeSource(path, readFileSync(full));
        return decoded.ok ? [{ name: `${format.format}/${path}`, file: decoded.value, format }] : [];
      });
    });
}

function edited({ file, format }: Case, sites: readonly Site[]): string {
  if (!isIsoDate(TODAY)) throw new RangeError('TODAY is a day');
  const before = format.extract(file);
  const moves = sites.map((site) => ({ site, to: FRESH, toTag: followedImage(site)?.tag ?? '1' }));
  const edits = moves.flatMap(({ site, to, toTag }) => siteEdits(site, to, toTag, TODAY));
  const text = applyEdits(file.text, edits);
  const after = format.extract({ ...file, text });
  verifyEdits({ text: file.text, extraction: before }, { text, extraction: after }, edits, moves);
  return text;
}

function movable({ file, format }: Case): Site[] {
  const { sites, candidates } = format.extract(file);
  return [...sites, ...(candidates ?? [])].filter(
    (site) => site.skip === null && followedImage(site) !== null,
  );
}

describe('edits of every fixture', () => {
  const all = cases();

  it('finds fixtures of every format it knows', () => {
    expect(all.length).toBeGreaterThan(25);
  });

  it.each(all)('$name: all sites move, and nothing else changes', (one) => {
    const sites = movable(one);
    const text = edited(one, sites);
    // Every move is there, and what is left of the file is what it was.
    const digests = [...text.matchAll(/sha256:5e77c2d1/g)].length;
    expect(digests).toBe(sites.length);
    expect(text.split(/\r\n|\n/).length).toBe(one.file.text.split(/\r\n|\n/).length);
  });

  it('moves any choice of sites alone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.infiniteStream(fc.boolean()), (one, choice) => {
        const sites = movable(one).filter(() => choice.next().value);
        edited(one, sites);
      }),
      { numRuns: 100 },
    );
  });

  it('survives CRLF and a BOM alike', () => {
    for (const one of all) {
      const text = `\ufeff${one.file.text.replace('\ufeff', '').replaceAll('\r\n', '\n').replaceAll('\n', '\r\n')}`;
      const windows = { ...one, file: { ...one.file, text } };
      const names = (of: Case): string[] => movable(of).map((site) => `${site.line} ${site.image.text}`);
      expect(names(windows)).toEqual(names(one));
      edited(windows, movable(windows));
    }
  });
});
