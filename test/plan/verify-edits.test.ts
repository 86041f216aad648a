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

describe('a whole extraction', () => {
  const site = extractWords({ path: 'f', text: TEXT }).sites.find(({ name }) => name === 'one');
  if (site === undefined) throw new RangeError('no site');
  const [start, end] = [site.start, site.end];
  const grown = B.length - A.length;
  const slot = { holds: 'digest', start: 90, end: 95, text: 'x' } as const;
  const hint = { image: { ...site.image, text: 'python:3' }, slots: [slot] };
  const argument = {
    name: 'V',
    scope: 'global',
    namesImage: true,
    siteStart: start,
  } as unknown as FileExtraction['args'][number];
  const build = {
    line: 4,
    dockerfile: 'Dockerfile',
    context: '.',
    target: null,
    args: [{ name: 'X', value: `python:3@${A}`, siteStart: start }],
    contexts: [{ name: 'base', value: `docker-image://python:3@${A}` }],
  } as unknown as FileExtraction['builds'][number];
  const bare = {
    name: 'd',
    kind: 'image',
    line: 5,
    start: 100,
    end: 105,
    text: 'other',
  } as unknown as NonNullable<FileExtraction['digests']>[number];

  /** The same facts on both sides, and on the new side with one of them changed. */
  function compare(change: (after: FileExtraction) => Partial<FileExtraction>): void {
    const plain = extractWords({ path: 'f', text: TEXT });
    const enrich = (extraction: FileExtraction, digest: string): FileExtraction => ({
      ...extraction,
      sites: extraction.sites.map((one) =>
        one.name === 'five' ? { ...one, tagHint: hint, skip: { reason: 'stage', detail: 'x' } } : one,
      ) as FileExtraction['sites'],
      candidates: extraction.sites.slice(0, 1),
      digests: [bare],
      args: [argument],
      builds: [
        {
          ...build,
          args: [{ ...build.args[0], value: `python:3@${digest}` }],
          contexts: [{ ...build.contexts[0], value: `docker-image://python:3@${digest}` }],
        },
      ] as unknown as FileExtraction['builds'],
      errors: [{ file: 'f', line: 1, code: 'syntax', message: 'x' }] as unknown as FileExtraction['errors'],
    });
    const move = {
      site: plain.sites.find(({ name }) => name === 'one') ?? plain.sites[0],
      to: B,
      toTag: '3',
    };
    if (move.site === undefined) throw new RangeError('no site');
    const intended = [{ ...move, site: move.site }];
    const edits = siteEdits(move.site, B, '3', isoDate(new Date(0)));
    const text = applyEdits(TEXT, edits);
    const before = { text: TEXT, extraction: enrich(plain, A) };
    const after = enrich(extractWords({ path: 'f', text }), B);
    verifyEdits(before, { text, extraction: { ...after, ...change(after) } }, edits, intended);
  }

  it('is accepted where nothing else changed', () => {
    expect(grown).toBe(0);
    expect(end).toBeGreaterThan(start);
    expect(() => compare(() => ({}))).not.toThrow();
  });

  const other = { line: 99, start: 1, end: 2, name: 'odd', kind: 'odd', format: 'odd', text: 'odd' };
  const nth = <Item>(list: readonly Item[], index: number, change: object): readonly Item[] =>
    list.map((one, at) => (at === index ? { ...one, ...change } : one));
  type Row = readonly [string, (after: FileExtraction) => Partial<FileExtraction>];
  const fields = (
    names: readonly (keyof typeof other)[],
    key: keyof FileExtraction,
    index = 0,
  ): readonly Row[] =>
    names.map((name) => [
      `${key}.${name}`,
      (after) => ({ [key]: nth(after[key] as readonly object[], index, { [name]: other[name] }) }),
    ]);
  const inFive = (change: (one: FileExtraction['sites'][number]) => object) => (after: FileExtraction) => ({
    sites: after.sites.map((one) => (one.name === 'five' ? { ...one, ...change(one) } : one)),
  });
  const inBuild = (change: object) => (after: FileExtraction) => ({ builds: nth(after.builds, 0, change) });

  it.each<Row>([
    ...fields(['line', 'start', 'end', 'name', 'kind', 'format'], 'sites'),
    ...fields(['line', 'start', 'end', 'name', 'kind', 'format', 'text'], 'sites', 1),
    ...fields(['line', 'start', 'end', 'name', 'kind', 'text'], 'digests'),
    ...fields(['line', 'text'], 'skipped'),
    ...fields(['line'], 'errors'),
    ...fields(['name'], 'args'),
    ['a skip with another detail', (after) => ({ skipped: nth(after.skipped, 0, { detail: 'other' }) })],
    ['another error', (after) => ({ errors: nth(after.errors, 0, { code: 'other' }) })],
    ['candidates that are gone', () => ({ candidates: [] })],
    ['digests that are gone', () => ({ digests: [] })],
    ['errors that are gone', () => ({ errors: [] })],
    ['arguments that are gone', () => ({ args: [] })],
    ['builds that are gone', () => ({ builds: [] })],
    ['an argument of another scope', (after) => ({ args: nth(after.args, 0, { scope: 'stage' }) })],
    ['an argument that names no image', (after) => ({ args: nth(after.args, 0, { namesImage: false }) })],
    ['an argument elsewhere', (after) => ({ args: nth(after.args, 0, { siteStart: start + 1 }) })],
    ['an argument of no site', (after) => ({ args: nth(after.args, 0, { siteStart: null }) })],
    ['a build on another line', inBuild({ line: 9 })],
    ['a build of another file', inBuild({ dockerfile: 'other' })],
    ['a build in another folder', inBuild({ context: 'other' })],
    ['a build of another stage', inBuild({ target: 'other' })],
    ['a build without arguments', inBuild({ args: [] })],
    ['a build without contexts', inBuild({ contexts: [] })],
    [
      'a build argument of another name',
      inBuild({ args: [{ name: 'Y', value: `python:3@${B}`, siteStart: start }] }),
    ],
    [
      'a build argument of another value',
      inBuild({ args: [{ name: 'X', value: 'other', siteStart: start }] }),
    ],
    ['a build argument elsewhere', inBuild({ args: [{ name: 'X', value: `python:3@${B}`, siteStart: 0 }] })],
    [
      'a context of another name',
      inBuild({ contexts: [{ name: 'x', value: `docker-image://python:3@${B}` }] }),
    ],
    ['a context of another value', inBuild({ contexts: [{ name: 'base', value: 'other' }] })],
    [
      'another registry',
      (after) => ({ sites: nth(after.sites, 0, { image: { ...after.sites[0]?.image, registry: 'x' } }) }),
    ],
    [
      'another spelling of the name',
      (after) => ({ sites: nth(after.sites, 0, { image: { ...after.sites[0]?.image, name: 'x' } }) }),
    ],
    [
      'another digest than intended',
      (after) => ({ sites: nth(after.sites, 0, { image: { ...after.sites[0]?.image, digest: A } }) }),
    ],
    ['no slots', (after) => ({ sites: nth(after.sites, 0, { slots: [] }) })],
    [
      'a slot that holds something else',
      (after) => ({
        sites: nth(after.sites, 0, { slots: after.sites[0]?.slots.map((one) => ({ ...one, holds: 'odd' })) }),
      }),
    ],
    [
      'a slot with another text than the file',
      (after) => ({
        sites: nth(after.sites, 0, { slots: after.sites[0]?.slots.map((one) => ({ ...one, text: 'odd' })) }),
      }),
    ],
    ['another text of an image that stays', inFive((one) => ({ image: { ...one.image, text: 'odd' } }))],
    ['a lost skip', inFive(() => ({ skip: null }))],
    ['a skip for another reason', inFive(() => ({ skip: { reason: 'odd', detail: 'x' } }))],
    ['a skip with another detail', inFive(() => ({ skip: { reason: 'stage', detail: 'odd' } }))],
    ['a lost hint', inFive(() => ({ tagHint: null }))],
    [
      'a hint at another image',
      inFive(() => ({ tagHint: { ...hint, image: { ...hint.image, text: 'odd' } } })),
    ],
    ['a hint elsewhere', inFive(() => ({ tagHint: { ...hint, slots: [{ ...slot, start: 91 }] } }))],
    ['a hint with another text', inFive(() => ({ tagHint: { ...hint, slots: [{ ...slot, text: 'y' }] } }))],
    ['a hint without slots', inFive(() => ({ tagHint: { ...hint, slots: [] } }))],
  ])('is refused: %s', (_, change) => {
    expect(() => compare(change)).toThrow(expect.objectContaining({ code: 'unintended-change' }));
  });
});
