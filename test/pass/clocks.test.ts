import { beforeEach, describe, expect, it } from 'vitest';
import type { PinHistory, PinnedOn } from '../../src/assess/age.ts';
import type { Digest } from '../../src/domain/digest.ts';
import type { IsoDate, LedgerEntry } from '../../src/domain/ledger-entry.ts';
import { extractAs } from '../../src/extract/extract-as.ts';
import { attachTagHints } from '../../src/extract/tag-hints.ts';
import { ageOf, Clocks, NO_CLOCKS } from '../../src/pass/clocks.ts';
import { groupPins, type Pin } from '../../src/plan/pins.ts';
import type { AgeBasis, AgeRules } from '../../src/policy/rules.ts';
import { RegistryError } from '../../src/resolve/registry.ts';
import { TaggedRegistry } from '../resolve/track/tagged-registry.ts';
import { digestOf } from '../support/fake-pass.ts';
import { toImageReference } from '../support/image-reference.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const A = digestOf('a');
const day = (text: string) => text as IsoDate;

const rules = (basis: readonly AgeBasis[] = ['published', 'first-seen', 'pinned-on']): AgeRules => ({
  maximumDays: 14,
  minimumDays: 0,
  basis,
  ageingPercent: 80,
  stagnant: 'warn',
  unknown: 'failure',
  skipMinimumFor: [],
  pastMaximum: 'rotate',
  strict: false,
});

/** The pins of Dockerfiles, by path. */
function pinsOf(files: Readonly<Record<string, string>>): readonly Pin[] {
  const sites = Object.entries(files).flatMap(
    ([path, text]) => extractAs({ path, text }, 'dockerfile').sites,
  );
  return groupPins(attachTagHints(sites, { configuredTag: () => null, ledgerTag: () => null }));
}

function pinOf(text = `FROM python:3.11@${A}\n`): Pin {
  const [pin] = pinsOf({ Dockerfile: text });
  if (pin === undefined) throw new Error('no pin');
  return pin;
}

function rowOf(dates: Partial<Pick<LedgerEntry, 'published' | 'firstSeen' | 'pinnedOn'>>): LedgerEntry {
  const { registry, repository } = toImageReference('python');
  return {
    image: { registry, repository, tag: '3.11' },
    digest: A,
    kind: 'index',
    platforms: [],
    published: null,
    firstSeen: null,
    pinnedOn: null,
    status: 'fresh',
    stopped: null,
    usedIn: ['Dockerfile'],
    ...dates,
  };
}

let registry: TaggedRegistry;
let history: Map<Digest, PinnedOn>;
let asked: (readonly [Digest, readonly string[]])[][];

beforeEach(() => {
  registry = new TaggedRegistry();
  history = new Map();
  asked = [];
});

const port: PinHistory = {
  pinnedOn: async (digests, filesOf) => {
    asked.push(digests.map((digest) => [digest, filesOf?.(digest) ?? []] as const));
    return new Map(
      digests.flatMap((digest) => {
        const told = history.get(digest);
        return told === undefined ? [] : [[digest, told] as const];
      }),
    );
  },
};

type Init = {
  readonly row?: LedgerEntry;
  readonly takesLedger?: boolean;
  readonly history?: PinHistory | null;
};

const clocksOf = ({ row, takesLedger = true, history: given = port }: Init = {}) =>
  new Clocks({
    registry,
    history: given,
    rowOf: () => row ?? null,
    takesLedger: () => takesLedger,
    asOf: NOW,
  });

/** An image that says when it was made; gives its digest. */
const push = (created: string) => {
  const digest = registry.manifestOf('m', 'linux/amd64', { created, seed: 'm' });
  return registry.indexOf('i', [{ platform: 'linux/amd64', digest }]);
};

describe('what the history is asked', () => {
  it('one question for all pins: each digest once, with every file it is in', async () => {
    const clocks = clocksOf();
    const pins = pinsOf({
      'a/Dockerfile': `FROM python:3.11@${A}\nFROM python:3.12@${A}\n`,
      'b/Dockerfile': `FROM python:3.11@${A}\nFROM nginx@${digestOf('b')}\nFROM debian:12@${digestOf('c')}\n`,
      'c/Dockerfile': 'FROM node\n',
    });
    await clocks.prepare(pins);
    expect(asked.map((one) => one.map(([digest, files]) => [digest, [...files].sort()]))).toEqual([
      [
        [digestOf('c'), ['b/Dockerfile']],
        [A, ['a/Dockerfile', 'b/Dockerfile']],
      ],
    ]);
  });

  it.each<[string, Init, string, number]>([
    ['a pin', {}, `FROM python:3.11@${A}\n`, 1],
    [
      'a pin whose row does not say',
      { row: rowOf({ published: day('2026-11-01') }) },
      `FROM python:3.11@${A}\n`,
      1,
    ],
    [
      'a pin whose row says it',
      { row: rowOf({ pinnedOn: day('2026-11-01') }) },
      `FROM python:3.11@${A}\n`,
      0,
    ],
    ['a reference without a digest', {}, 'FROM python:3.11\n', 0],
    ['anything, where there is none', { history: null }, `FROM python:3.11@${A}\n`, 0],
  ])('about %s', async (_, init, text, times) => {
    await clocksOf(init).prepare([pinOf(text)]);
    expect(asked).toHaveLength(times);
  });

  it('what was told is not asked again', async () => {
    history.set(A, { status: 'known', date: day('2026-11-01') });
    const clocks = clocksOf();
    await clocks.prepare([pinOf()]);
    await clocks.prepare([pinOf()]);
    expect(asked).toHaveLength(1);
  });
});

describe('since when a digest is pinned', () => {
  const commented = `# python:3.11 (pinned 2026-11-03)\nFROM python:3.11@${A}\n`;
  it.each<[string, PinnedOn | null, Init, string, string | null]>([
    [
      'the row says',
      { status: 'known', date: day('2026-11-01') },
      { row: rowOf({ pinnedOn: day('2026-11-02') }) },
      commented,
      '2026-11-02',
    ],
    ['the history knows', { status: 'known', date: day('2026-11-01') }, {}, commented, '2026-11-01'],
    ['it is not committed yet', { status: 'uncommitted' }, {}, commented, '2026-11-20'],
    [
      'the history does not know, a comment says',
      { status: 'unknown', reason: 'shallow' },
      {},
      commented,
      '2026-11-03',
    ],
    ['the history is silent, a comment says', null, {}, commented, '2026-11-03'],
    ['nobody says', null, {}, `FROM python:3.11@${A}\n`, null],
  ])('%s', async (_, told, init, text, expected) => {
    if (told !== null) history.set(A, told);
    const clocks = clocksOf(init);
    const pin = pinOf(text);
    await clocks.prepare([pin]);
    expect((await clocks.read({ pin, age: rules(['pinned-on']) })).pinnedOn).toBe(expected);
  });

  it('is the earliest day of several comments', async () => {
    const pins = pinsOf({
      'a/Dockerfile': `# python:3.11 (pinned 2026-11-09)\nFROM python:3.11@${A}\n`,
      'b/Dockerfile': `# python:3.11 (pinned 2026-11-05)\nFROM python:3.11@${A}\n`,
    });
    const [pin] = pins;
    if (pin === undefined) throw new Error('no pin');
    expect((await clocksOf().read({ pin, age: rules(['pinned-on']) })).pinnedOn).toBe('2026-11-05');
  });

  it('is told by a comment that gives the tag of a bare digest, too', async () => {
    const pin = pinOf(`# python:3.11 (pinned 2026-11-09)\nFROM python@${A}\n`);
    expect((await clocksOf().read({ pin, age: rules(['pinned-on']) })).pinnedOn).toBe('2026-11-09');
  });
});

describe('when a digest was published', () => {
  const outage = new RegistryError({ code: 'unavailable', message: 'HTTP 503', temporary: true });

  it.each<[string, string, Init, readonly AgeBasis[] | undefined, string | null]>([
    ['the image says', '2026-11-04T08:00:00Z', {}, undefined, '2026-11-04'],
    [
      'the row says',
      '2026-11-04T08:00:00Z',
      { row: rowOf({ published: day('2026-10-01') }) },
      undefined,
      '2026-10-01',
    ],
    [
      'the row’s word is not taken',
      '2026-11-04T08:00:00Z',
      { row: rowOf({ published: day('2026-10-01') }), takesLedger: false },
      undefined,
      '2026-11-04',
    ],
    [
      'the row says, though no age is counted by it',
      '2026-11-04T08:00:00Z',
      { row: rowOf({ published: day('2026-10-01') }) },
      ['pinned-on'],
      '2026-10-01',
    ],
    ['nobody asks where no age is counted by it', '2026-11-04T08:00:00Z', {}, ['pinned-on'], null],
    ['1970 is no day', '1970-01-01T00:00:00Z', {}, undefined, null],
    [
      'after the day it was first seen is not believed',
      '2026-11-10T00:00:00Z',
      { row: rowOf({ firstSeen: day('2026-11-01') }) },
      undefined,
      null,
    ],
    [
      'after the day it was pinned is not believed',
      '2026-11-10T00:00:00Z',
      { row: rowOf({ pinnedOn: day('2026-11-01') }) },
      undefined,
      null,
    ],
    ['in the future is not believed', '2027-11-10T00:00:00Z', {}, undefined, null],
  ])('%s', async (_, created, init, basis, expected) => {
    const digest = push(created);
    const pin = pinOf(`FROM python:3.11@${digest}\n`);
    const clocks = await clocksOf(init).read({ pin, age: rules(basis) });
    expect(clocks.published).toBe(expected);
    expect(registry.asked.length > 0).toBe(
      (basis === undefined && init.row?.published !== '2026-10-01') || init.takesLedger === false,
    );
  });

  it('an outage is no fact: the other clocks speak', async () => {
    registry.manifest = () => Promise.reject(outage);
    const row = rowOf({ firstSeen: day('2026-11-02'), pinnedOn: day('2026-11-03') });
    expect(await clocksOf({ row }).read({ pin: pinOf(), age: rules() })).toEqual({
      published: null,
      firstSeen: '2026-11-02',
      pinnedOn: '2026-11-03',
    });
  });

  it('nothing is known of a reference without a digest', async () => {
    const row = rowOf({ published: day('2026-10-01') });
    expect(await clocksOf({ row }).read({ pin: pinOf('FROM python:3.11\n'), age: rules() })).toEqual(
      NO_CLOCKS,
    );
    expect(registry.asked).toEqual([]);
  });
});

describe('what is at hand without asking', () => {
  const commented = `# python:3.11 (pinned 2026-11-03)\nFROM python:3.11@${A}\n`;
  it.each<[string, Init, string, readonly AgeBasis[], boolean]>([
    [
      'the row has the first clock',
      { row: rowOf({ published: day('2026-11-01') }) },
      commented,
      ['published', 'pinned-on'],
      true,
    ],
    [
      'the row has only the second clock',
      { row: rowOf({ firstSeen: day('2026-11-01') }) },
      commented,
      ['published', 'first-seen'],
      false,
    ],
    ['the row has no clock that counts', { row: rowOf({}) }, `FROM python:3.11@${A}\n`, ['published'], false],
    ['a comment has the first clock', { row: rowOf({}) }, commented, ['pinned-on', 'published'], true],
    ['there is no row', {}, commented, ['pinned-on'], false],
    [
      'the row’s word is not taken',
      { row: rowOf({ published: day('2026-11-01') }), takesLedger: false },
      commented,
      ['published'],
      false,
    ],
  ])('%s', (_, init, text, basis, isThere) => {
    const own = clocksOf(init).atHand({ pin: pinOf(text), age: rules(basis) });
    expect(own !== null).toBe(isThere);
    if (own === null) return;
    const { published, firstSeen, pinnedOn } = init.row ?? rowOf({});
    const fromComment = text === commented ? '2026-11-03' : null;
    expect(own).toEqual({ published, firstSeen, pinnedOn: pinnedOn ?? fromComment });
    expect(registry.asked).toEqual([]);
  });

  it('the row goes before a comment', () => {
    const row = rowOf({ pinnedOn: day('2026-11-01') });
    expect(clocksOf({ row }).atHand({ pin: pinOf(commented), age: rules(['pinned-on']) })?.pinnedOn).toBe(
      '2026-11-01',
    );
  });
});

describe('notes', () => {
  it('give each reason of the history once, and none where it knows', async () => {
    history.set(digestOf('1'), { status: 'unknown', reason: 'it is shallow' });
    history.set(digestOf('2'), { status: 'unknown', reason: 'it is shallow' });
    history.set(digestOf('3'), { status: 'unknown', reason: 'too many files' });
    history.set(digestOf('4'), { status: 'known', date: day('2026-11-01') });
    history.set(digestOf('5'), { status: 'uncommitted' });
    const clocks = clocksOf();
    expect(clocks.notes()).toEqual([]);
    await clocks.prepare(
      ['1', '2', '3', '4', '5'].map((digit) => pinOf(`FROM python:3.11@${digestOf(digit)}\n`)),
    );
    const notes = clocks.notes();
    expect(notes).toHaveLength(2);
    expect(notes[0]).toContain('it is shallow');
    expect(notes[1]).toContain('too many files');
  });
});

describe('the age by these clocks', () => {
  it('is none where nobody looked, and tells an expired pin from a stagnant one', () => {
    const clocks = { ...NO_CLOCKS, published: day('2026-10-01') };
    expect(ageOf(null, true, rules(), NOW)).toBeNull();
    expect([true, false, null].map((newer) => ageOf(clocks, newer, rules(), NOW)?.status)).toEqual([
      'expired',
      'stagnant',
      'unknown',
    ]);
  });
});
