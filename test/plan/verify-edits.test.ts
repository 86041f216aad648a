import { describe, expect, it } from 'vitest';
import { toDigest } from '../../src/domain/digest.ts';
import { isoDate } from '../../src/domain/ledger-entry.ts';
import type { FileExtraction } from '../../src/extract/format.ts';
import { applyEdits, siteEdits } from '../../src/plan/edits.ts';
import { verifyEdits } from '../../src/plan/verify-edits.ts';
import { extractWords } from './sites.ts';

const A = toDigest(`sha256:${'a'.repeat(64)}`);
const B = toDigest(`sha256:${'b'.repeat(64)}`);
const TEXT = [
  `\ufefffrom:one=python:3@${A} skip:two=stage from:three=node:20`,
  `bare from:four=python:3@${A}`,
  'from:five=debian:12\r',
].join('\n');

type Tamper = {
  readonly text?: (after: string) => string;
  readonly extraction?: (after: FileExtraction) => FileExtraction;
};

/** Moves the sites of these names to B, tampers with the outcome, and proves it. */
function prove(names: readonly string[], tamper: Tamper = {}, claimed = names): void {
  const before = { text: TEXT, extraction: extractWords({ path: 'f', text: TEXT }) };
  const named = (list: readonly string[]) =>
    before.extraction.sites.filter((site) => list.includes(site.name ?? ''));
  const moves = named(names).map((site) => ({ site, to: B, toTag: site.image.tag ?? 'latest' }));
  const edits = moves.flatMap((move) => siteEdits(move.site, B, move.toTag, isoDate(new Date(0))));
  const text = (tamper.text ?? ((same) => same))(applyEdits(TEXT, edits));
  const extraction = (tamper.extraction ?? ((same) => same))(extractWords({ path: 'f', text }));
  const intended = named(claimed).map((site) => ({ site, to: B, toTag: site.image.tag ?? 'latest' }));
  verifyEdits(before, { text, extraction }, edits, intended);
}

describe('verifyEdits', () => {
  it.each([[[]], [['one']], [['one', 'four']], [['three', 'five']], [['one', 'three', 'four', 'five']]])(
    'accepts %j as intended',
    (names) => expect(() => prove(names)).not.toThrow(),
  );

  const first = (change: (site: FileExtraction['sites'][number]) => object) => ({
    extraction: (after: FileExtraction): FileExtraction => ({
      ...after,
      sites: after.sites.map((site, index) => (index === 0 ? { ...site, ...change(site) } : site)),
    }),
  });

  it.each<[string, Tamper, (readonly string[])?]>([
    ['a byte elsewhere', { text: (text) => text.replace('bare', 'barf') }],
    ['a lost carriage return', { text: (text) => text.replace('\r', '') }],
    ['a lost BOM', { text: (text) => text.slice(1) }],
    ['an added final newline', { text: (text) => `${text}\n` }],
    ['a site that is gone', { extraction: (after) => ({ ...after, sites: after.sites.slice(1) }) }],
    [
      'a site more',
      { extraction: (after) => ({ ...after, sites: [...after.sites, ...after.sites.slice(0, 1)] }) },
    ],
    ['a skip that is gone', { extraction: (after) => ({ ...after, skipped: [] }) }],
    [
      'a skip with another reason',
      {
        extraction: (after) => ({
          ...after,
          skipped: after.skipped.map((one) => ({ ...one, reason: 'scratch' })),
        }),
      },
    ],
    ['a site that became a skip', first(() => ({ skip: { reason: 'stage', detail: 'x' } }))],
    ['a site of another kind', first(() => ({ kind: 'image' }))],
    ['a site of another image', first((site) => ({ image: { ...site.image, repository: 'library/ruby' } }))],
    ['a site of another tag', first((site) => ({ image: { ...site.image, tag: '4' } }))],
    ['a site elsewhere', first((site) => ({ start: site.start + 1 }))],
    [
      'an error more',
      {
        extraction: (after) => ({ ...after, errors: [{ file: 'f', line: 1, code: 'syntax', message: 'x' }] }),
      },
    ],
    ['a change nobody intended', {}, []],
    ['an intended change that did not happen', {}, ['one', 'four']],
  ])('refuses %s', (_, tamper, claimed) => {
    expect(() => prove(['one'], tamper, claimed ?? ['one'])).toThrow(
      expect.objectContaining({ code: 'unintended-change', message: expect.stringMatching(/^f(?::\d)?: /) }),
    );
  });
});
