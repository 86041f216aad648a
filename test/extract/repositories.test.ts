import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { candidatesFor, DEFAULT_RULES } from '../../src/discover/candidates.ts';
import { shortDigest, toDigest } from '../../src/domain/digest.ts';
import { familiarName } from '../../src/domain/image-reference.ts';
import { isIsoDate } from '../../src/domain/ledger-entry.ts';
import type { Site } from '../../src/domain/site.ts';
import { decodeSource } from '../../src/extract/decode.ts';
import type { FileExtraction, SourceFile } from '../../src/extract/format.ts';
import { formats } from '../../src/extract/formats/list.ts';
import { linkExtractions } from '../../src/extract/link.ts';
import { applyEdits, siteEdits } from '../../src/plan/edits.ts';
import { followedImage } from '../../src/plan/pins.ts';

/**
 * Small repositories of the kind people have, read whole: every place in `expected.json`, in words. Then every pinned
 * image is moved in all its places at once, and the repository must read as before with the new digests.
 * `PINWHEEL_GOLDEN=write` writes the expectations anew; read the diff before you commit it.
 */
const ROOT = join(import.meta.dirname, '..', 'fixtures', 'repositories');
const isWriting = process.env['PINWHEEL_GOLDEN'] === 'write';

function filesOf(repository: string): SourceFile[] {
  const folder = join(ROOT, repository);
  return readdirSync(folder, { recursive: true })
    .map((path) => String(path).replaceAll('\\', '/'))
    .filter((path) => path !== 'expected.json' && statSync(join(folder, path)).isFile())
    .sort()
    .flatMap((path) => {
      const decoded = decodeSource(path, readFileSync(join(folder, path)));
      return decoded.ok ? [decoded.value] : [];
    });
}

function extractAll(files: readonly SourceFile[]): FileExtraction[] {
  const candidates = candidatesFor(formats, DEFAULT_RULES);
  return files.flatMap((file) =>
    candidates
      .formatsOf(file.path)
      .filter((format) => format.mayHold?.(file.text) ?? true)
      .map((format) => format.extract(file)),
  );
}

function describeSite(site: Site): string {
  const { image, name, pin, skip } = site;
  const hint = site.tagHint === null ? '' : ` (${site.tagHint.image.tag})`;
  const digest = image.digest === null ? '' : `@${shortDigest(image.digest)}`;
  const spelled = `${familiarName(image)}${image.tag === null ? hint : `:${image.tag}`}${digest}`;
  const slots = site.slots.map((slot) => slot.holds).join('+');
  const tail = [name ?? '', pin ?? '', skip === null ? '' : `skip ${skip.reason}`].filter(
    (text) => text !== '',
  );
  return `${site.file}:${site.line}:${site.column} ${site.format} ${site.kind} ${spelled} ${slots} ${tail.join(' ')}`.trimEnd();
}

function summary(files: readonly SourceFile[]) {
  const { extractions, findings } = linkExtractions(extractAll(files));
  const errors = extractions.flatMap((extraction) => extraction.errors);
  return {
    sites: extractions
      .flatMap((extraction) => extraction.sites)
      .map(describeSite)
      .sort(),
    skipped: extractions
      .flatMap((extraction) => extraction.skipped)
      .map((skip) => `${skip.file}:${skip.line}:${skip.column} ${skip.reason} ${skip.text}`)
      .sort(),
    findings: findings.map(
      (finding) => `${finding.file}:${finding.line} ${finding.code}: ${finding.message}`,
    ),
    errors: errors.map((error) => `${error.file}:${error.line} ${error.code}`),
  };
}

/** The new digest of an image: made from its old one, so that equal ones stay equal. */
function fresh(site: Site): ReturnType<typeof toDigest> {
  const digest = site.image.digest ?? '';
  return toDigest(
    `sha256:${[...digest.slice(7)].map((c) => (15 - Number.parseInt(c, 16)).toString(16)).join('')}`,
  );
}

function rotateAll(files: readonly SourceFile[]): SourceFile[] {
  const today = '2026-11-20';
  if (!isIsoDate(today)) throw new RangeError('a day');
  const sites = linkExtractions(extractAll(files)).extractions.flatMap((extraction) => extraction.sites);
  const edits = sites
    .filter((site) => site.skip === null && site.image.digest !== null && followedImage(site) !== null)
    .flatMap((site) => siteEdits(site, fresh(site), followedImage(site)?.tag ?? '', today));
  return files.map((file) => ({
    ...file,
    text: applyEdits(
      file.text,
      edits.filter((edit) => edit.path === file.path),
    ),
  }));
}

describe.each(readdirSync(ROOT).sort())('%s', (repository) => {
  const files = filesOf(repository);

  it('is read whole', () => {
    const found = summary(files);
    const path = join(ROOT, repository, 'expected.json');
    if (isWriting) writeFileSync(path, `${JSON.stringify(found, null, 2)}\n`);
    expect(found).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  });

  it('moves whole, and back', () => {
    const moved = rotateAll(files);
    const held = (all: readonly SourceFile[]) =>
      summary(all).sites.map((line) => line.replace(/@[0-9a-f]{8}/, '@'));
    expect(held(moved)).toEqual(held(files));
    const changed = moved.filter((file, i) => file.text !== files[i]?.text);
    expect(changed.length).toBeGreaterThan(3);
    // Digests turned twice are what they were; the date of a pin comment is today's now.
    const back = rotateAll(moved).map((file) => file.text.replace('2026-11-20', '2026-10-30'));
    expect(back).toEqual(files.map((file) => file.text));
  });
});
