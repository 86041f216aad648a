import { describe, expect, it } from 'vitest';
import { type Digest, toDigest } from '../../src/domain/digest.ts';
import { isoDate } from '../../src/domain/ledger-entry.ts';
import { buildPlan, type PlanInput } from '../../src/plan/build-plan.ts';
import { planChanges } from '../../src/plan/changes.ts';
import type { DigestFacts, PinDecision } from '../../src/plan/decision.ts';
import { applyEdits } from '../../src/plan/edits.ts';
import { parseLedger } from '../../src/plan/ledger/parse.ts';
import { groupPins, type Pin } from '../../src/plan/pins.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import type { Resolution } from '../../src/resolve/resolution.ts';
import { extractWords } from './sites.ts';

const digest = (letter: string): Digest => toDigest(`sha256:${letter.repeat(64)}`);
const [A, B, C, NEW] = [digest('a'), digest('b'), digest('c'), digest('d')];
const INDEX = { kind: 'index', platforms: [{ os: 'linux', architecture: 'amd64', variant: null }] } as const;
const latest = { digest: NEW, mediaType: 'application/vnd.oci.image.index.v1+json', size: 1 };

function resolved(pin: Pin, status: 'current' | 'moved' | 'failed' | 'unfollowable', to = NEW): Resolution {
  const { image, from } = pin;
  switch (status) {
    case 'current':
      return { image, from, status, latest, churn: false, shape: INDEX };
    case 'moved':
      return { image, from, status, to, latest, shape: INDEX, oldShape: INDEX };
    case 'unfollowable':
      return { image, from, status, latest, detail: 'gone' };
    case 'failed':
      return {
        image,
        from,
        status,
        failure: { subject: image.repository, code: 'timeout', message: 'x', temporary: true },
      };
  }
}

type Decide = (pin: Pin) => Partial<PinDecision> & { readonly verdict: Verdict };

const byDigest: Decide = (pin) =>
  pin.from === NEW
    ? { verdict: 'current', resolution: resolved(pin, 'current') }
    : { verdict: 'rotate', resolution: resolved(pin, 'moved') };

function plan(
  files: Readonly<Record<string, string>>,
  decide: Decide = byDigest,
  over: Partial<PlanInput> = {},
): Plan {
  const extractions = Object.entries(files).map(([path, text]) => extractWords({ path, text }));
  const pins = groupPins(extractions.flatMap((extraction) => extraction.sites));
  const decisions = pins.map(
    (pin): PinDecision => ({
      pin,
      resolution: resolved(pin, 'moved'),
      reasons: [{ code: 'newer-digest', message: 'newer' }],
      ...decide(pin),
    }),
  );
  return buildPlan({
    decisions,
    files: new Map(Object.entries(files)),
    extractions,
    extract: extractWords,
    kept: [],
    ledger: parseLedger('L.md', null),
    today: isoDate(new Date('2026-11-20')),
    ...over,
  });
}

function outcome(files: Readonly<Record<string, string>>, made: Plan): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      applyEdits(
        text,
        made.edits.filter((edit) => edit.path === path),
      ),
    ]),
  );
}

const verdicts = (made: Plan) =>
  made.rotations.map((one) => [one.image.repository, one.from, one.to, one.verdict]);

const NOBODY_LOOKED: DigestFacts = { published: null, firstSeen: null, pinnedOn: null, status: null };

describe('buildPlan', () => {
  it('moves every site of a pin, in an order of its own, with a ledger', () => {
    const files = {
      z: `from:a=python:3@${A} from:b=python:3@${B}\r\n`,
      a: `from:c=docker.io/library/python:3@${A} from:d=alpine:3@${NEW}`,
    };
    const made = plan(files);
    expect(verdicts(made)).toEqual([
      ['library/alpine', NEW, NEW, 'current'],
      ['library/python', A, NEW, 'rotate'],
      ['library/python', B, NEW, 'rotate'],
    ]);
    expect(outcome(files, made)).toEqual({
      z: `from:a=python:3@${NEW} from:b=python:3@${NEW}\r\n`,
      a: `from:c=docker.io/library/python:3@${NEW} from:d=alpine:3@${NEW}`,
    });
    expect(made.edits.map((edit) => [edit.path, edit.start])).toEqual([
      ['a', 7],
      ['z', 7],
      ['z', 95],
    ]);
    expect(made.ledger?.entries).toMatchObject([
      {
        image: { repository: 'library/alpine' },
        digest: NEW,
        pinnedOn: null,
        firstSeen: '2026-11-20',
        status: 'unknown',
      },
      { image: { repository: 'library/python' }, digest: NEW, pinnedOn: '2026-11-20', usedIn: ['a', 'z'] },
    ]);
    expect(made.failures).toEqual([]);
  });

  it('is empty the second time', () => {
    const files = { f: `from:a=python:3@${A} from:b=node` };
    const first = plan(files);
    const after = outcome(files, first);
    const ledger = parseLedger('L.md', first.ledger?.after ?? null);
    const second = plan(after, byDigest, { ledger, today: isoDate(new Date('2026-12-24')) });
    expect(after).toEqual({ f: `from:a=python:3@${NEW} from:b=node:latest@${NEW}` });
    expect(second.edits).toEqual([]);
    expect(second.ledger).toMatchObject({ changed: false, after: first.ledger?.after });
  });

  it('tells failures, keeps their ledger rows, and goes on', () => {
    const before = plan({ f: `from:a=down:1@${NEW}` }).ledger?.after ?? null;
    const decide: Decide = (pin) =>
      pin.image.repository === 'library/down'
        ? { verdict: 'current', resolution: resolved(pin, 'failed') }
        : byDigest(pin);
    const made = plan({ f: `from:a=down:1@${NEW} from:b=up:1@${A}` }, decide, {
      ledger: parseLedger('L.md', before),
    });
    expect(verdicts(made)).toEqual([['library/up', A, NEW, 'rotate']]);
    expect(made.failures).toMatchObject([{ subject: 'library/down', code: 'timeout' }]);
    expect(made.ledger?.entries).toMatchObject([
      { image: { repository: 'library/down' }, digest: NEW, status: 'unknown', platforms: ['linux/amd64'] },
      { image: { repository: 'library/up' } },
    ]);
  });

  it.each([
    ['hold', 'held'],
    ['block', 'blocked'],
  ] as const)('leaves a pin on %s where it is', (verdict, stopped) => {
    const files = { f: `from:a=python:3@${A} from:b=node` };
    const made = plan(files, () => ({ verdict }));
    expect(made.edits).toEqual([]);
    expect(made.ledger?.entries).toMatchObject([{ digest: A, stopped }]);
  });

  it('keeps what is pinned where it cannot be followed', () => {
    const made = plan({ f: `from:a=python:3@${A}` }, (pin) => ({
      verdict: 'hold',
      resolution: resolved(pin, 'unfollowable'),
    }));
    expect(verdicts(made)).toEqual([['library/python', A, A, 'hold']]);
  });

  it('writes another tag, and the ledger names it', () => {
    const files = { f: `from:a=python:3.11@${A}` };
    const made = plan(files, () => ({ verdict: 'rotate', toTag: '3.12' }));
    expect(outcome(files, made)).toEqual({ f: `from:a=python:3.12@${NEW}` });
    expect(made.ledger?.entries[0]?.image.tag).toBe('3.12');
  });

  it('makes no ledger for nothing, and leaves people’s file alone', () => {
    expect(plan({ f: 'from:a=node' }, () => ({ verdict: 'hold' })).ledger).toBeNull();
    const ours = plan({ f: '' }, byDigest, { ledger: parseLedger('L.md', '# Ours\n') }).ledger;
    expect(ours).toMatchObject({ changed: false, after: '# Ours\n' });
    expect(plan({ f: `from:a=node:1@${A}` }, byDigest, { ledger: null }).ledger).toBeNull();
  });

  it('leaves the ledger as it is where only words of the status differ, until something moves', () => {
    const files = { f: `from:a=python:3@${NEW}` };
    const written = plan(files).ledger?.after ?? null;
    const ledger = parseLedger('L.md', written);
    const ageing: Decide = (pin) => ({
      ...byDigest(pin),
      before: { ...NOBODY_LOOKED, status: 'ageing' },
      after: { ...NOBODY_LOOKED, status: 'ageing' },
    });
    expect(plan(files, ageing, { ledger }).ledger).toMatchObject({
      changed: false,
      after: written,
      entries: [{ status: 'ageing' }],
    });
    const more = { f: `${files.f} from:b=node:1@${A}` };
    const moved = plan(more, ageing, { ledger }).ledger;
    expect(moved?.changed).toBe(true);
    expect(parseLedger('L.md', moved?.after ?? null).entries.map(({ status }) => status)).toEqual([
      'ageing',
      'ageing',
    ]);
    const published = isoDate(new Date('2026-10-01'));
    const dated: Decide = (pin) => ({ ...byDigest(pin), before: { ...NOBODY_LOOKED, published } });
    expect(plan(files, dated, { ledger }).ledger?.changed).toBe(true);
  });

  it('writes into the ledger what the pass knows of the digest that stays or comes', () => {
    const ARM = {
      kind: 'manifest',
      platforms: [{ os: 'linux', architecture: 'arm64', variant: null }],
    } as const;
    const moved = (pin: Pin): Resolution =>
      ({ ...resolved(pin, 'moved'), oldShape: ARM, created: new Date('2026-11-02') }) as Resolution;
    const row = (decide: Decide) => plan({ f: `from:a=python:3@${A}` }, decide).ledger?.entries[0];
    expect(row((pin) => ({ verdict: 'rotate', resolution: moved(pin) }))).toMatchObject({
      digest: NEW,
      kind: 'index',
      platforms: ['linux/amd64'],
      published: '2026-11-02',
    });
    expect(row((pin) => ({ verdict: 'hold', resolution: moved(pin) }))).toMatchObject({
      digest: A,
      kind: 'manifest',
      platforms: ['linux/arm64'],
      published: null,
    });
    const lost = (pin: Pin): Resolution =>
      ({ ...moved(pin), status: 'lost-platforms', lost: [] }) as Resolution;
    expect(row((pin) => ({ verdict: 'rotate', resolution: lost(pin) }))).toMatchObject({
      kind: 'index',
      published: '2026-11-02',
    });
    const days = {
      published: isoDate(new Date('2026-10-01')),
      firstSeen: isoDate(new Date('2026-10-02')),
      pinnedOn: isoDate(new Date('2026-10-03')),
      status: null,
    };
    expect(
      row((pin) => ({ verdict: 'hold', resolution: resolved(pin, 'unfollowable'), before: days })),
    ).toMatchObject({
      ...days,
      status: 'unknown',
      kind: null,
      platforms: [],
    });
  });

  it('gives bytes to write, the ledger first', () => {
    const files = { f: `\ufefffrom:a=python:3@${A}` };
    const bytes = new TextEncoder().encode(files.f);
    const changes = planChanges(plan(files), new Map([['f', bytes]]));
    expect(changes.map((change) => [change.path, change.before])).toEqual([
      ['L.md', null],
      ['f', bytes],
    ]);
    expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(changes[1]?.bytes)).toBe(
      `\ufefffrom:a=python:3@${NEW}`,
    );
  });
});

describe('a writer that is killed', () => {
  const files = {
    a: `from:a=python:3@${A} from:b=alpine:3@${B}`,
    b: `from:c=python:3@${A}`,
    c: `from:d=alpine:3@${B} from:e=python:3@${C}`,
  };
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const passOver = (tree: Readonly<Record<string, string>>, day: string) => {
    const { 'L.md': ledger = null, ...sources } = tree;
    const over = { ledger: parseLedger('L.md', ledger), today: isoDate(new Date(day)) };
    const bytes = Object.entries(sources).map(
      ([path, text]) => [path, new TextEncoder().encode(text)] as const,
    );
    const changes = planChanges(plan(sources, byDigest, over), new Map(bytes));
    return changes.map((change) => [change.path, decode(change.bytes)] as const);
  };
  const whole = { ...files, ...Object.fromEntries(passOver(files, '2026-11-20')) };

  it.each([0, 1, 2, 3, 4])('after %i files ends with the same files and ledger the next time', (count) => {
    const half = { ...files, ...Object.fromEntries(passOver(files, '2026-11-20').slice(0, count)) };
    const day = count === 0 ? '2026-11-20' : '2026-11-21';
    expect({ ...half, ...Object.fromEntries(passOver(half, day)) }).toEqual(whole);
  });
});

describe('pins that move together', () => {
  const files = { Dockerfile: `~arg-default:IMG=python:3@${A}`, 'ci.yml': `~build-arg:IMG=python:3@${B}` };

  it('end at one digest, the one the ARG default goes to', () => {
    const made = plan(files, (pin) => ({
      verdict: 'rotate',
      resolution: resolved(pin, 'moved', pin.from === A ? NEW : C),
    }));
    expect(outcome(files, made)).toEqual({
      Dockerfile: `~arg-default:IMG=python:3@${NEW}`,
      'ci.yml': `~build-arg:IMG=python:3@${NEW}`,
    });
    expect(made.rotations.map((one) => one.reasons.map((reason) => reason.code))).toEqual([
      ['newer-digest', 'disagreement'],
      ['newer-digest', 'disagreement'],
    ]);
  });

  it('come to agree where both are current by themselves', () => {
    const made = plan(files, (pin) => ({ verdict: 'current', resolution: resolved(pin, 'current') }));
    expect(verdicts(made)).toEqual([
      ['library/python', A, A, 'current'],
      ['library/python', B, A, 'rotate'],
    ]);
  });

  it.each(['hold', 'block'] as const)('all wait where one is on %s', (verdict) => {
    const made = plan(files, (pin) => (pin.from === B ? { verdict } : byDigest(pin)));
    expect(made.edits).toEqual([]);
    expect(made.rotations.map((one) => one.verdict)).toEqual([verdict, verdict]);
  });

  it('are held together where one file’s proof fails, and nothing else is', () => {
    const extra = { ...files, other: `from:x=node:20@${C}` };
    const made = plan(extra, byDigest, {
      extract: (file, format) => {
        const found = extractWords(file, format);
        return file.path === 'ci.yml' ? { ...found, sites: [] } : found;
      },
    });
    expect(verdicts(made)).toEqual([
      ['library/node', C, NEW, 'rotate'],
      ['library/python', A, NEW, 'hold'],
      ['library/python', B, NEW, 'hold'],
    ]);
    expect(made.edits.map((edit) => edit.path)).toEqual(['other']);
    expect(made.failures.map((failure) => failure.code)).toEqual(['unintended-change', 'unintended-change']);
    expect(made.ledger?.entries.map((entry) => entry.digest)).toEqual([NEW, A, B]);
  });
});
