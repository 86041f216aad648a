import { expect, test } from 'vitest';
import { believePublished, type PublishedClaims } from '../../src/policy/published.ts';
import { day } from './support.ts';

const ASOF = new Date('2026-11-20T12:00:00Z');

type Row = readonly [
  name: string,
  claims: Partial<PublishedClaims>,
  known: { readonly firstSeen?: string; readonly pinnedOn?: string },
  want: string | null,
  source: 'pushed' | 'created' | null,
];

const TABLE: readonly Row[] = [
  ['nothing is said', {}, {}, null, null],
  ['created', { created: '2026-11-01T10:00:00Z' }, {}, '2026-11-01', 'created'],
  ['nanoseconds', { created: '2026-11-01T10:00:00.123456789Z' }, {}, '2026-11-01', 'created'],
  ['the UTC day counts', { created: '2026-11-01T23:30:00-05:00' }, {}, '2026-11-02', 'created'],
  [
    'pushed goes first',
    { pushed: '2026-11-03T00:00:00Z', created: '2026-11-01T00:00:00Z' },
    {},
    '2026-11-03',
    'pushed',
  ],
  ['1970', { created: '1970-01-01T00:00:00Z' }, {}, null, null],
  ['0001', { created: '0001-01-01T00:00:00Z' }, {}, null, null],
  ['1980, as buildpacks write', { created: '1980-01-01T00:00:01Z' }, {}, null, null],
  ['the last moment of 2012', { created: '2012-12-31T23:59:59Z' }, {}, null, null],
  ['the future', { created: '2027-01-01T00:00:00Z' }, {}, null, null],
  ['tomorrow is skew', { created: '2026-11-21T09:00:00Z' }, {}, '2026-11-21', 'created'],
  ['the day after is not', { created: '2026-11-22T00:00:00Z' }, {}, null, null],
  ['no time at all', { created: 'yesterday' }, {}, null, null],
  ['empty', { created: '' }, {}, null, null],
  ['year 275760', { created: '+275760-09-13T00:00:00Z' }, {}, null, null],
  ['later than first seen', { created: '2026-11-10T00:00:00Z' }, { firstSeen: '2026-11-05' }, null, null],
  [
    'a push after it was pinned is another digest',
    { pushed: '2026-11-10T00:00:00Z', created: '2026-10-01T00:00:00Z' },
    { pinnedOn: '2026-11-05' },
    '2026-10-01',
    'created',
  ],
  [
    'older than its base',
    { created: '2026-01-01T00:00:00Z', newestPart: '2026-06-01T00:00:00Z' },
    {},
    null,
    null,
  ],
  [
    'as old as its base',
    { created: '2026-06-01T00:00:00Z', newestPart: '2026-06-01T00:00:00Z' },
    {},
    '2026-06-01',
    'created',
  ],
  [
    'an unreadable base does not speak',
    { created: '2026-06-01T00:00:00Z', newestPart: '?' },
    {},
    '2026-06-01',
    'created',
  ],
  ['the first moment of 2013', { created: '2013-01-01T00:00:00Z' }, {}, '2013-01-01', 'created'],
  [
    'seen a day before it says it was made is skew',
    { created: '2026-11-06T00:00:00Z' },
    { firstSeen: '2026-11-05' },
    '2026-11-06',
    'created',
  ],
  [
    'known before and after',
    { created: '2026-11-01T00:00:00Z' },
    { firstSeen: '2026-11-05', pinnedOn: '2026-11-06' },
    '2026-11-01',
    'created',
  ],
  [
    'a day older than its base is skew',
    { created: '2026-06-01T00:00:00Z', newestPart: '2026-06-02T00:00:00Z' },
    {},
    '2026-06-01',
    'created',
  ],
  [
    'a moment more is not',
    { created: '2026-06-01T00:00:00Z', newestPart: '2026-06-02T00:00:01Z' },
    {},
    null,
    null,
  ],
  [
    'a push is later than what was pushed, whatever that says',
    { pushed: '2026-06-01T00:00:00Z', newestPart: '2026-09-01T00:00:00Z' },
    {},
    '2026-06-01',
    'pushed',
  ],
  ['leap day', { created: '2024-02-29T12:00:00Z' }, {}, '2024-02-29', 'created'],
];

test.each(TABLE)('%s', (_, claims, known, want, source) => {
  const result = believePublished({ pushed: null, created: null, newestPart: null, ...claims }, ASOF, {
    firstSeen: day(known.firstSeen ?? null),
    pinnedOn: day(known.pinnedOn ?? null),
  });
  expect([result.date, result.source]).toEqual([want, source]);
  const claimed = [claims.pushed, claims.created].filter((claim) => claim !== undefined).length;
  if (want === null) expect(result.refused).toHaveLength(claimed);
});

test('a claim of any length is told in a few words', () => {
  const claims = { pushed: null, created: 'x'.repeat(5_000), newestPart: null };
  const { refused } = believePublished(claims, ASOF, { firstSeen: null, pinnedOn: null });
  expect(refused[0]?.length).toBeLessThan(100);
});
