import { describe, expect, it } from 'vitest';
import { type IsoDate, isIsoDate } from '../../src/domain/ledger-entry.ts';
import { fingerprintChanges, fingerprintMatter } from '../../src/forge/fingerprint.ts';

function day(text: string): IsoDate {
  if (!isIsoDate(text)) throw new RangeError(text);
  return text;
}

const today = day('2026-11-20');
const tomorrow = day('2026-11-21');

describe('fingerprintMatter', () => {
  it.each([
    ['pinned 19 days ago', 'pinned 20 days ago'],
    ['first seen today', 'first seen yesterday'],
    ['1 day old', '2 days old'],
    ['waits 2.5 days more', 'waits 1.5 days more'],
    ['as of 2026-11-20', 'as of 2026-11-21'],
  ])('%j and, a day later, %j are the same matter', (before, after) => {
    expect(fingerprintMatter(before, today)).toBe(fingerprintMatter(after, tomorrow));
  });

  it.each([
    ['fresh', 'expired'],
    ['41 unchanged', '42 unchanged'],
    ['python:3.11', 'python:3.12'],
    ['pinned 2026-11-01', 'pinned 2026-11-02'],
  ])('%j and %j are not', (before, after) => {
    expect(fingerprintMatter(before, today)).not.toBe(fingerprintMatter(after, tomorrow));
  });
});

describe('fingerprintChanges', () => {
  const change = (path: string, before: string | null, after: string) => ({
    path,
    before: before === null ? null : Buffer.from(before),
    bytes: Buffer.from(after),
  });
  const base = [change('a', '1', '2'), change('b', null, '3')];

  it('does not depend on the order', () => {
    expect(fingerprintChanges(base.toReversed())).toBe(fingerprintChanges(base));
  });

  it.each([
    ['what a file held', [change('a', '0', '2'), change('b', null, '3')]],
    ['what it will hold', [change('a', '1', '4'), change('b', null, '3')]],
    ['that a file is new', [change('a', '1', '2'), change('b', '', '3')]],
    ['a path', [change('a', '1', '2'), change('c', null, '3')]],
    ['where one part ends', [change('a', '12', ''), change('b', null, '3')]],
  ])('depends on %s', (_, other) => {
    expect(fingerprintChanges(other)).not.toBe(fingerprintChanges(base));
  });
});
