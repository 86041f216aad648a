import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDigest } from '../../../src/domain/digest.ts';
import { type IsoDate, isoDate, type LedgerEntry } from '../../../src/domain/ledger-entry.ts';
import { PIN_STATUSES } from '../../../src/domain/pin-status.ts';
import { type LedgerPin, nextLedger } from '../../../src/plan/ledger/next.ts';
import { days, digests, images, ledgers, paths } from '../arbitraries.ts';

const A = toDigest(`sha256:${'a'.repeat(64)}`);
const B = toDigest(`sha256:${'b'.repeat(64)}`);
const IMAGE = { registry: 'docker.io', repository: 'library/python', tag: '3.11' };
const day = (text: string): IsoDate => isoDate(new Date(text));
const TODAY = day('2026-11-20');

const entry = (over: Partial<LedgerEntry> = {}): LedgerEntry => ({
  image: IMAGE,
  digest: A,
  kind: 'index',
  platforms: ['linux/amd64'],
  published: day('2026-01-01'),
  firstSeen: day('2026-01-02'),
  pinnedOn: day('2026-01-03'),
  status: 'fresh',
  stopped: null,
  usedIn: ['Dockerfile'],
  ...over,
});
const pin = (over: Partial<LedgerPin> = {}): LedgerPin => ({
  image: IMAGE,
  digest: A,
  moved: false,
  shape: null,
  published: null,
  firstSeen: null,
  pinnedOn: null,
  status: 'fresh',
  stopped: null,
  usedIn: ['Dockerfile'],
  ...over,
});

describe('nextLedger', () => {
  it.each([
    ['keeps a row whose digest stays', [entry()], [pin()], [entry()]],
    [
      'starts a moved digest today',
      [entry()],
      [
        pin({
          digest: B,
          moved: true,
          shape: { kind: 'index', platforms: ['linux/arm64/v8', 'linux/amd64'] },
        }),
      ],
      [
        entry({
          digest: B,
          platforms: ['linux/amd64', 'linux/arm64'],
          published: null,
          firstSeen: TODAY,
          pinnedOn: TODAY,
        }),
      ],
    ],
    [
      'does not claim a day for a pin that was there before',
      [],
      [pin({ status: null })],
      [
        entry({
          kind: null,
          platforms: [],
          published: null,
          firstSeen: TODAY,
          pinnedOn: null,
          status: 'unknown',
        }),
      ],
    ],
    [
      'notices today what a person moved since',
      [entry()],
      [pin({ digest: B })],
      [entry({ digest: B, kind: null, platforms: [], published: null, firstSeen: TODAY, pinnedOn: TODAY })],
    ],
    [
      'does not take a second digest of a tag for a move',
      [entry()],
      [pin(), pin({ digest: B })],
      [
        entry(),
        entry({ digest: B, kind: null, platforms: [], published: null, firstSeen: TODAY, pinnedOn: null }),
      ],
    ],
    [
      'believes history and the registry about it',
      [],
      [pin({ pinnedOn: day('2026-02-01'), published: day('2026-01-30'), firstSeen: day('2026-01-31') })],
      [
        entry({
          kind: null,
          platforms: [],
          published: day('2026-01-30'),
          firstSeen: day('2026-01-31'),
          pinnedOn: day('2026-02-01'),
        }),
      ],
    ],
    [
      'keeps the days of a digest that goes to another tag',
      [entry()],
      [pin({ image: { ...IMAGE, tag: '3.11.9' } })],
      [entry({ image: { ...IMAGE, tag: '3.11.9' } })],
    ],
    [
      'does not start a digest today that only some of its pins were moved to',
      [],
      [pin({ moved: true }), pin({ usedIn: ['b'] })],
      [
        entry({
          kind: null,
          platforms: [],
          published: null,
          firstSeen: TODAY,
          pinnedOn: null,
          usedIn: ['Dockerfile', 'b'],
        }),
      ],
    ],
    [
      'believes no history of a pin that this pass moved',
      [],
      [pin({ moved: true, pinnedOn: day('2026-02-01') })],
      [entry({ kind: null, platforms: [], published: null, firstSeen: TODAY, pinnedOn: TODAY })],
    ],
    [
      'takes the earliest day of pins that agree, and sees a digest no later than it was pinned',
      [],
      [
        pin({ pinnedOn: day('2026-03-01'), firstSeen: day('2026-05-01'), published: day('2026-01-05') }),
        pin({ pinnedOn: day('2026-02-01'), published: day('2026-01-04') }),
      ],
      [
        entry({
          kind: null,
          platforms: [],
          published: day('2026-01-04'),
          firstSeen: day('2026-02-01'),
          pinnedOn: day('2026-02-01'),
        }),
      ],
    ],
    [
      'takes the shape that names platforms, and the kind that anybody knows',
      [],
      [
        pin({ shape: { kind: 'index', platforms: [] } }),
        pin({
          shape: { kind: 'manifest', platforms: ['linux/arm64/v8', 'linux/amd64', 'linux/arm64', 'odd'] },
        }),
      ],
      [
        entry({
          kind: 'manifest',
          platforms: ['linux/amd64', 'linux/arm64', 'odd'],
          published: null,
          firstSeen: TODAY,
          pinnedOn: null,
        }),
      ],
    ],
    [
      'keeps the platforms of the row where only the kind is known',
      [entry({ kind: null })],
      [pin({ shape: { kind: 'manifest', platforms: [] } })],
      [entry({ kind: 'manifest' })],
    ],
    [
      'sorts by image, tag and digest',
      [],
      [
        pin({ digest: B }),
        pin({ image: { ...IMAGE, tag: '3.12' } }),
        pin(),
        pin({ image: { ...IMAGE, repository: 'library/node' }, digest: B }),
      ],
      [
        [{ ...IMAGE, repository: 'library/node' }, B] as const,
        [IMAGE, A] as const,
        [IMAGE, B] as const,
        [{ ...IMAGE, tag: '3.12' }, A] as const,
      ].map(([image, digest]) =>
        entry({
          image,
          digest,
          kind: null,
          platforms: [],
          published: null,
          firstSeen: TODAY,
          pinnedOn: null,
        }),
      ),
    ],
    ['drops rows without a pin', [entry(), entry({ digest: B })], [pin()], [entry()]],
    [
      'keeps the word of a pin that nobody could look up',
      [entry({ status: 'expired', stopped: 'held' })],
      [pin({ status: null, stopped: 'as-before' })],
      [entry({ status: 'expired', stopped: 'held' })],
    ],
    [
      'takes the word off a pin that is held no longer',
      [entry({ stopped: 'held' })],
      [pin({ stopped: null }), pin({ stopped: 'as-before' })],
      [entry({ stopped: null })],
    ],
    [
      'joins pins that came to agree, with the word that needs someone first',
      [entry()],
      [
        pin({ usedIn: ['z', 'a'], stopped: 'blocked' }),
        pin({ moved: true, usedIn: ['a', 'b'], status: 'expired', stopped: 'held' }),
      ],
      [entry({ usedIn: ['a', 'b', 'z'], status: 'expired', stopped: 'blocked' })],
    ],
  ] as const)('%s', (_, previous, pins, expected) => {
    expect(nextLedger(previous, pins, TODAY)).toEqual(expected);
  });

  const pins = fc.array(
    fc.record({
      image: images,
      digest: digests,
      moved: fc.boolean(),
      shape: fc.option(
        fc.record({
          kind: fc.constantFrom('index' as const, 'manifest' as const),
          platforms: fc.array(fc.constantFrom('linux/amd64', 'linux/arm64/v8', 'linux/arm/v7'), {
            maxLength: 3,
          }),
        }),
      ),
      published: fc.option(days),
      firstSeen: fc.option(days),
      pinnedOn: fc.option(days),
      status: fc.option(fc.constantFrom(...PIN_STATUSES)),
      stopped: fc.constantFrom(null, 'held', 'blocked', 'as-before'),
      usedIn: fc.array(paths, { maxLength: 3 }),
    }),
    { maxLength: 5 },
  );

  it('changes nothing the second time, on the same day or a later one', () => {
    fc.assert(
      fc.property(ledgers, pins, days, days, (previous, given, today, later) => {
        const shared = previous.map((row) =>
          pin({ image: row.image, digest: row.digest, usedIn: row.usedIn }),
        );
        const all = [...given, ...given.slice(0, 2), ...shared];
        const once = nextLedger(previous, all, today);
        expect(nextLedger(once, all, today)).toEqual(once);
        expect(
          nextLedger(
            once,
            all.map((one) => ({ ...one, moved: false })),
            later,
          ),
        ).toEqual(once);
      }),
    );
  });

  it('does not depend on the order of the pins', () => {
    fc.assert(
      fc.property(ledgers, pins, days, (previous, given, today) => {
        const reversed = nextLedger(previous, [...given].reverse(), today);
        const strip = (rows: readonly LedgerEntry[]) =>
          rows.map(({ kind: _k, platforms: _p, ...rest }) => rest);
        expect(strip(reversed)).toEqual(strip(nextLedger(previous, given, today)));
      }),
    );
  });
});
