import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toDigest } from '../../src/domain/digest.ts';
import { isoDate } from '../../src/domain/ledger-entry.ts';
import { extractAs } from '../../src/extract/extract-as.ts';
import { formats } from '../../src/extract/formats/list.ts';
import { buildPlan } from '../../src/plan/build-plan.ts';
import { applyEdits } from '../../src/plan/edits.ts';
import { decodeText } from '../../src/plan/encoding.ts';
import { groupPins } from '../../src/plan/pins.ts';

const root = fileURLToPath(new URL('../fixtures/extract', import.meta.url));
const NEW = toDigest(`sha256:${'5'.repeat(64)}`);

/** The inputs of all extraction fixtures that can be read, as paths inside their case folders, which is what formats look at. */
const inputs = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => statSync(join(root, path)).isFile() && !path.endsWith('expected.json'))
  .filter((path) => !path.includes('/refused/'))
  .map((path) => ({ path, inner: relative(path.split('/').slice(0, 2).join('/'), path) }));

/** Every pin of a file moved to one digest: what the edits are, and what is then in the file. */
function moveAll(path: string, inner: string) {
  const text = decodeText(path, readFileSync(join(root, path)));
  const readers = formats.filter((format) => format.matchesPath(inner));
  const extractions = readers.map((format) => format.extract({ path: inner, text }));
  const pins = groupPins(extractions.flatMap((extraction) => extraction.sites));
  const latest = { digest: NEW, mediaType: 'application/vnd.oci.image.index.v1+json', size: 1 };
  const shape = { kind: 'index' as const, platforms: [] };
  const plan = buildPlan({
    decisions: pins.map((pin) => {
      const resolution = {
        image: pin.image,
        from: pin.from,
        status: 'moved' as const,
        to: NEW,
        latest,
        shape,
        oldShape: null,
      };
      return { pin, resolution, verdict: 'rotate' as const, reasons: [] };
    }),
    kept: [],
    files: new Map([[inner, text]]),
    extractions,
    extract: extractAs,
    ledger: null,
    today: isoDate(new Date('2026-11-20')),
  });
  const after = applyEdits(text, plan.edits);
  const again = groupPins(readers.flatMap((format) => format.extract({ path: inner, text: after }).sites));
  return { plan, pins, again };
}

describe('moving every pin of every extraction fixture', () => {
  it.each(inputs)('$path is proved', ({ path, inner }) => {
    const { plan, pins, again } = moveAll(path, inner);
    expect(plan.failures).toEqual([]);
    expect(again.every((pin) => pin.from === NEW)).toBe(true);
    expect(again.flatMap((pin) => pin.sites)).toHaveLength(pins.flatMap((pin) => pin.sites).length);
  });
});
