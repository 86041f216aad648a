import fc from 'fast-check';
import { type Digest, toDigest } from '../../src/domain/digest.ts';
import type { TaggedImage } from '../../src/domain/image-reference.ts';
import { type IsoDate, isoDate, type LedgerEntry } from '../../src/domain/ledger-entry.ts';
import { PIN_STATUSES } from '../../src/domain/pin-status.ts';
import { compareRows } from '../../src/plan/ledger/next.ts';

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });

export const digests: fc.Arbitrary<Digest> = fc
  .oneof(
    hex(64).map((text) => `sha256:${text}`),
    hex(128).map((text) => `sha512:${text}`),
  )
  .map(toDigest);

const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:\.|__?|-{1,3})[a-z0-9]{1,5})?$/);

export const images: fc.Arbitrary<TaggedImage> = fc.record({
  registry: fc.constantFrom('docker.io', 'ghcr.io', 'localhost:5000', '[::1]:5000', 'a.b', 'localhost'),
  repository: fc
    .tuple(
      fc.constantFrom('library', 'localhost', 'a.b', 'x'),
      fc.array(component, { minLength: 1, maxLength: 3 }),
    )
    .map(([first, rest]) => [first, ...rest].join('/')),
  tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
});

export const days: fc.Arbitrary<IsoDate> = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map(isoDate);

/** Paths that a table, Markdown or a careless reader would trip over. */
export const paths: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({
      unit: fc.constantFrom('|', '`', '\\', ' ', ',', '<br>', '\n', '%41', '—', '-', '/', '\u202e', 'a'),
    }),
  )
  .filter((path) => path !== '');

export const entries: fc.Arbitrary<LedgerEntry> = fc.record({
  image: images,
  digest: digests,
  kind: fc.constantFrom('index', 'manifest', null),
  platforms: fc.uniqueArray(fc.oneof(fc.constantFrom('linux/amd64', 'linux/arm/v7', 'index', '—'), paths), {
    maxLength: 4,
  }),
  published: fc.option(days),
  firstSeen: fc.option(days),
  pinnedOn: fc.option(days),
  status: fc.constantFrom(...PIN_STATUSES),
  stopped: fc.constantFrom(null, 'held', 'blocked'),
  usedIn: fc.uniqueArray(paths, { maxLength: 4 }),
});

/** Rows as a ledger holds them: sorted, one for each image, tag and digest. */
export const ledgers: fc.Arbitrary<readonly LedgerEntry[]> = fc
  .uniqueArray(entries, {
    maxLength: 6,
    selector: (entry) => `${JSON.stringify(entry.image)}${entry.digest}`,
  })
  .map((list) => [...list].sort(compareRows));
