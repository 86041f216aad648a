import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeSource } from '../../src/extract/decode.ts';
import type { FileExtraction } from '../../src/extract/format.ts';
import { formats } from '../../src/extract/formats/list.ts';

/**
 * Walks `test/fixtures/extract/<format>/<case>/`: every file but `expected.json` is read as `<format>`, and what it says
 * must be what `expected.json` says, keyed by the file's path in the case. Cases under `refused/` must give an error.
 * `PINWHEEL_GOLDEN=write` writes the expectations anew; read the diff before you commit it.
 */
const ROOT = join(import.meta.dirname, '..', 'fixtures', 'extract');
const EXPECTED = 'expected.json';
const isWriting = process.env['PINWHEEL_GOLDEN'] === 'write';

function folders(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function inputs(path: string): readonly string[] {
  return readdirSync(path, { recursive: true })
    .map(String)
    .filter((name) => name !== EXPECTED && statSync(join(path, name)).isFile())
    .map((name) => relative('.', name).replaceAll('\\', '/'))
    .sort();
}

/** What the golden file keeps: all of it but what repeats in every line. */
function summary(found: FileExtraction): unknown {
  const { sites, skipped, errors, args, builds, candidates, digests } = found;
  return {
    sites: sites.map(({ file: _file, format: _format, image, slots, ...site }) => ({
      ...site,
      image: {
        registry: image.registry,
        repository: image.repository,
        tag: image.tag,
        digest: image.digest,
      },
      slots: slots.map((slot) => `${slot.holds} ${slot.start}-${slot.end} ${slot.text}`),
      tagHint:
        site.tagHint?.slots.map((slot) => `${slot.holds} ${slot.start}-${slot.end} ${slot.text}`) ?? null,
    })),
    skipped: skipped.map(({ file: _file, ...skip }) => skip),
    errors: errors.map(({ file: _file, ...error }) => error),
    args,
    builds,
    ...(candidates === undefined ? {} : { candidates: candidates.map((site) => site.image.text) }),
    ...(digests === undefined ? {} : { digests: digests.map((digest) => `${digest.name} ${digest.text}`) }),
  };
}

function readCase(format: string, path: string): Readonly<Record<string, unknown>> {
  const extractor = formats.find((one) => one.format === format);
  if (extractor === undefined) throw new Error(`no extractor for the format "${format}" is in the list`);
  const results: Record<string, unknown> = {};
  for (const name of inputs(path)) {
    const decoded = decodeSource(name, readFileSync(join(path, name)));
    if (!decoded.ok) {
      const { file: _file, ...error } = decoded.fault;
      results[name] = { errors: [error] };
      continue;
    }
    const found = extractor.extract(decoded.value);
    for (const slot of found.sites.flatMap((site) => [...site.slots, ...(site.tagHint?.slots ?? [])])) {
      expect(decoded.value.text.slice(slot.start, slot.end)).toBe(slot.text);
    }
    results[name] = summary(found);
  }
  return results;
}

function check(format: string, path: string): Readonly<Record<string, unknown>> {
  const results = readCase(format, path);
  expect(Object.keys(results)).not.toEqual([]);
  const expectedPath = join(path, EXPECTED);
  if (isWriting) writeFileSync(expectedPath, `${JSON.stringify(results, null, 2)}\n`);
  // Through JSON on both sides, so that undefined and missing are the same.
  expect(JSON.parse(JSON.stringify(results))).toEqual(JSON.parse(readFileSync(expectedPath, 'utf8')));
  return results;
}

for (const format of folders(ROOT)) {
  const cases = folders(join(ROOT, format)).filter((name) => name !== 'refused');
  const refused = folders(join(ROOT, format)).includes('refused')
    ? folders(join(ROOT, format, 'refused'))
    : [];
  describe(`${format}: golden folders`, () => {
    it.each(cases)('%s', (name) => {
      check(format, join(ROOT, format, name));
    });
  });
  describe.skipIf(refused.length === 0)(`${format}: refused inputs`, () => {
    it.each(refused)('%s', (name) => {
      for (const result of Object.values(check(format, join(ROOT, format, 'refused', name)))) {
        expect(result).toHaveProperty('errors.0.message');
      }
    });
  });
}
