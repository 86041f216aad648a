import { expect, test } from 'vitest';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import { exceptionNotices, findException } from '../../src/policy/exceptions.ts';
import type { Exception } from '../../src/policy/rules.ts';
import { finding, IMAGE } from './support.ts';

const exception = (expires: string, rest: Partial<Exception> = {}): Exception => ({
  id: 'CVE-1',
  image: toImagePattern('**'),
  reason: 'r',
  by: 'ann',
  expires,
  liftsBlock: false,
  ...rest,
});
const find = (exceptions: readonly Exception[], asOf: string) =>
  findException(finding('high', 'CVE-1'), IMAGE, exceptions, new Date(asOf));

test.each([
  ['through its last moment', [exception('2026-11-20')], '2026-11-20T23:59:59.999Z', 'recorded'],
  ['over the next day', [exception('2026-11-20')], '2026-11-21T00:00:00Z', 'expired'],
  ['over the next day in UTC', [exception('2026-11-20')], '2026-11-20T20:00:00-05:00', 'expired'],
  ['renewed', [exception('2026-11-01'), exception('2026-12-01')], '2026-11-20T00:00:00Z', 'recorded'],
  ['a leap day', [exception('2028-02-29')], '2028-02-29T12:00:00Z', 'recorded'],
  ['a day that is none', [exception('2027-02-29')], '2026-01-01T00:00:00Z', 'expired'],
  ['none', [], '2026-11-20T00:00:00Z', 'missing'],
  ['of another id', [exception('2027-01-01', { id: 'CVE-12' })], '2026-11-20T00:00:00Z', 'missing'],
  [
    'of another image',
    [exception('2027-01-01', { image: toImagePattern('ghcr.io/**') })],
    '2026-11-20T00:00:00Z',
    'missing',
  ],
  [
    'of another tag',
    [exception('2027-01-01', { image: toImagePattern('python:3.12*') })],
    '2026-11-20T00:00:00Z',
    'missing',
  ],
  [
    'of its tag',
    [exception('2027-01-01', { image: toImagePattern('python:3.11*') })],
    '2026-11-20T00:00:00Z',
    'recorded',
  ],
  [
    'of every image',
    [exception('2027-01-01', { image: toImagePattern('*') })],
    '2026-11-20T00:00:00Z',
    'recorded',
  ],
])('%s', (_, exceptions, asOf, state) => {
  expect(find(exceptions, asOf).state).toBe(state);
});

test('among several the one that lifts more speaks', () => {
  const found = find(
    [exception('2027-01-01'), exception('2027-01-01', { liftsBlock: true })],
    '2026-11-20T00:00:00Z',
  );
  expect(found).toMatchObject({ state: 'recorded', exception: { liftsBlock: true } });
});

test('what ends is told two weeks ahead, the earliest first', () => {
  const list = ['2026-12-05', '2026-12-04', '2026-11-20', '2026-11-19'].map((day) => exception(day));
  const notices = exceptionNotices(list, new Date('2026-11-20T12:00:00Z'));
  expect(notices.map(({ state, exception: { expires } }) => [state, expires])).toEqual([
    ['expired', '2026-11-19'],
    ['expiring', '2026-11-20'],
    ['expiring', '2026-12-04'],
  ]);
  expect(notices.map((notice) => notice.message)).toEqual([
    expect.stringContaining('expired on 2026-11-19'),
    expect.stringContaining('expires today'),
    expect.stringContaining('in 14 days'),
  ]);
});
