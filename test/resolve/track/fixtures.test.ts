import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toDigest } from '../../../src/domain/digest.ts';
import { isoDate } from '../../../src/domain/ledger-entry.ts';
import { extractAs } from '../../../src/extract/extract-as.ts';
import { formats } from '../../../src/extract/formats/list.ts';
import { buildPlan } from '../../../src/plan/build-plan.ts';
import { applyEdits, siteEdits } from '../../../src/plan/edits.ts';
import { decodeText } from '../../../src/plan/encoding.ts';
import { followedImage, groupPins } from '../../../src/plan/pins.ts';
import { canWriteTag } from '../../../src/resolve/track/can-write-tag.ts';

const root = fileURLToPath(new URL('../../fixtures/extract', import.meta.url));
const NEW = toDigest(`sha256:${'5'.repeat(64)}`);
const TAG = '99.7-tracked';
const TODAY = isoDate(new Date('2026-11-20'));

const inputs = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => statSync(join(root, path)).isFile() && !path.endsWith('expected.json'))
  .filter((path) => !path.includes('/refused/'))
  .map((path) => ({ path, inner: relative(path.split('/').slice(0, 2).join('/'), path) }));

function read(path: string, inner: string) {
  const text = decodeText(path, readFileSync(join(root, path)));
  const readers = formats.filter((format) => format.matchesPath(inner));
  const extract = (source: string) => readers.map((format) => format.extract({ path: inner, text: source }));
  return { text, extract, pins: groupPins(extract(text).flatMap(({ sites }) => sites)) };
}

/** The plan that moves every pin whose tag can be written to another tag, and the pins that are found then. */
function moveTags(path: string, inner: string) {
  const { text, extract, pins } = read(path, inner);
  const movable = pins.filter((pin) => pin.sites.every(canWriteTag));
  const latest = { digest: NEW, mediaType: 'application/vnd.oci.image.index.v1+json', size: 1 };
  const plan = buildPlan({
    decisions: movable.map((pin) => ({
      pin,
      resolution: {
        image: { ...pin.image, tag: TAG },
        from: pin.from,
        status: 'moved' as const,
        to: NEW,
        latest,
        shape: { kind: 'index' as const, platforms: [] },
        oldShape: null,
      },
      verdict: 'rotate' as const,
      reasons: [],
      toTag: TAG,
    })),
    kept: pins.filter((pin) => !movable.includes(pin)).map((pin) => ({ pin })),
    files: new Map([[inner, text]]),
    extractions: extract(text),
    extract: extractAs,
    ledger: null,
    today: TODAY,
  });
  const after = groupPins(extract(applyEdits(text, plan.edits)).flatMap(({ sites }) => sites));
  const moved = after.filter((pin) => pin.image.tag === TAG).flatMap((pin) => pin.sites);
  return { plan, pins, moved, sites: movable.flatMap((pin) => pin.sites) };
}

/** Here a FROM cuts the tag out of the value that moves, and would follow it unasked. */
const DERIVED = 'dockerfile/nested-defaults/Containerfile';

describe('a tag moved in every extraction fixture where it can be written', () => {
  it('changes nothing where another place is put together from it', () => {
    const { plan } = moveTags(DERIVED, 'Containerfile');
    expect(plan.edits).toEqual([]);
    expect(plan.failures.map(({ code }) => code)).toContain('unintended-change');
  });

  it.each(inputs.filter(({ path }) => path !== DERIVED))('$path is proved', ({ path, inner }) => {
    const { plan, pins, moved, sites } = moveTags(path, inner);
    expect(plan.failures).toEqual([]);
    expect(moved).toHaveLength(sites.length);
    for (const site of pins.flatMap((pin) => pin.sites).filter((one) => !canWriteTag(one))) {
      if (site.image.tag === null || followedImage(site) === null) continue;
      expect(() => siteEdits(site, NEW, TAG, TODAY)).toThrow(
        expect.objectContaining({ code: 'unwritable-site' }),
      );
    }
  });
});
