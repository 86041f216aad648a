import { expect, test } from 'vitest';
import { believePublished, type MadeFacts } from '../../src/domain/published.ts';
import { day } from '../policy/support.ts';

const ASOF = new Date('2026-11-20T12:00:00Z');

type Row = readonly [
  name: string,
  claims: Partial<MadeFacts>,
  known: { readonly firstSeen?: string; readonly pinnedOn?: string },
  want: string | null,
];

const TABLE: readonly Row[] = [
  ['nothing is said', {}, {}, null],
  ['created', { created: '2026-11-01T10:00:00Z' }, {}, '2026-11-01'],
  ['nanoseconds', { created: '2026-11-01T10:00:00.123456789Z' }, {}, '2026-11-01'],
  ['the UTC day counts', { created: '2026-11-01T23:30:00-05:00' }, {}, '2026-11-02'],
  ['1970', { created: '1970-01-01T00:00:00Z' }, {}, null],
  ['0001', { created: '0001-01-01T00:00:00Z' }, {}, null],
  ['1980, as buildpacks write', { created: '1980-01-01T00:00:01Z' }, {}, null],
  ['the last moment of 2012', { created: '2012-12-31T23:59:59Z' }, {}, null],
  ['the future', { created: '2027-01-01T00:00:00Z' }, {}, null],
  ['tomorrow is skew', { created: '2026-11-21T09:00:00Z' }, {}, '2026-11-21'],
  ['the day after is not', { created: '2026-11-22T00:00:00Z' }, {}, null],
  ['no time at all', { created: 'yesterday' }, {}, null],
  ['empty', { created: '' }, {}, null],
  ['year 275760', { created: '+275760-09-13T00:00:00Z' }, {}, null],
  ['later than first seen', { created: '2026-11-10T00:00:00Z' }, { firstSeen: '2026-11-05' }, null],
  ['later than pinned', { created: '2026-11-10T00:00:00Z' }, { pinnedOn: '2026-11-05' }, null],
  ['older than its base', { created: '2026-01-01T00:00:00Z', newestPart: '2026-06-01T00:00:00Z' }, {}, null],
  [
    'as old as its base',
    { created: '2026-06-01T00:00:00Z', newestPart: '2026-06-01T00:00:00Z' },
    {},
    '2026-06-01',
  ],
  [
    'an unreadable base does not speak',
    { created: '2026-06-01T00:00:00Z', newestPart: '?' },
    {},
    '2026-06-01',
  ],
  ['the first moment of 2013', { created: '2013-01-01T00:00:00Z' }, {}, '2013-01-01'],
  [
    'seen a day before it says it was made is skew',
    { created: '2026-11-06T00:00:00Z' },
    { firstSeen: '2026-11-05' },
    '2026-11-06',
  ],
  [
    'known before and after',
    { created: '2026-11-01T00:00:00Z' },
    { firstSeen: '2026-11-05', pinnedOn: '2026-11-06' },
    '2026-11-01',
  ],
  [
    'a day older than its base is skew',
    { created: '2026-06-01T00:00:00Z', newestPart: '2026-06-02T00:00:00Z' },
    {},
    '2026-06-01',
  ],
  ['a moment more is not', { created: '2026-06-01T00:00:00Z', newestPart: '2026-06-02T00:00:01Z' }, {}, null],
  ['leap day', { created: '2024-02-29T12:00:00Z' }, {}, '2024-02-29'],
];

test.each(TABLE)('%s', (_, claims, known, want) => {
  const made = { created: null, newestPart: null, ...claims };
  const since = { firstSeen: day(known.firstSeen ?? null), pinnedOn: day(known.pinnedOn ?? null) };
  expect(believePublished(made, ASOF, since)).toBe(want);
});
