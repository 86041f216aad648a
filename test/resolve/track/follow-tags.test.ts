import { describe, expect, it } from 'vitest';
import { toDigest } from '../../../src/domain/digest.ts';
import type { Site, Slot } from '../../../src/domain/site.ts';
import { groupPins } from '../../../src/plan/pins.ts';
import { canWriteTag } from '../../../src/resolve/track/can-write-tag.ts';
import {
  type FollowOptions,
  followTags,
  isNoteworthy,
  type TrackedPin,
  type TrackSettings,
} from '../../../src/resolve/track/follow-tags.ts';
import { toImageReference } from '../../support/image-reference.ts';
import { fault, TaggedRegistry } from './tagged-registry.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const BOTH = ['linux/amd64', 'linux/arm64'];
const SETTINGS: TrackSettings = {
  track: 'patch',
  platforms: null,
  ignoredDigests: [],
  ignored: null,
  tag: null,
};
const A = toDigest(`sha256:${'a'.repeat(64)}`);

function slot(holds: Slot['holds'], text: string): Slot {
  return { holds, start: 0, end: text.length, text };
}

function site(reference: string, given: Partial<Site> = {}): Site {
  return {
    file: 'Dockerfile',
    line: 1,
    column: 1,
    format: 'dockerfile',
    kind: 'from',
    name: null,
    text: reference,
    start: 0,
    end: reference.length,
    image: toImageReference(reference),
    slots: [slot('reference', reference)],
    skip: null,
    tagHint: null,
    pin: null,
    ...given,
  };
}

const hint = (reference: string, ...slots: readonly Slot[]) => ({
  image: toImageReference(reference),
  slots,
});

describe('a place can take another tag', () => {
  it.each<[string, Site, boolean]>([
    ['in a whole reference', site(`python:3.11@${A}`), true],
    ['in a reference without digest', site('python:3.11'), true],
    ['in a reference with neither', site('python'), true],
    [
      'in a tag of its own',
      site(`python:3.11@${A}`, { slots: [slot('digest', A), slot('tag', '3.11')] }),
      true,
    ],
    [
      'in a tag that carries the digest',
      site(`python:3.11@${A}`, { slots: [slot('tag-and-digest', `3.11@${A}`)] }),
      true,
    ],
    ['not in a digest beside a variable', site(`python:3.11@${A}`, { slots: [slot('digest', A)] }), false],
    ['not in a part of the tag', site(`python:3.11-slim@${A}`, { slots: [slot('tag', '3.11')] }), false],
    [
      'not in a comment alone, where the tag is in a variable',
      site(`python:3.11@${A}`, {
        slots: [slot('digest', A)],
        tagHint: hint('python:3.11', slot('tag', '3.11')),
      }),
      false,
    ],
    [
      'in the comment of a digest without tag',
      site(`python@${A}`, { tagHint: hint('python:3.11', slot('tag', '3.11'), slot('date', '2026-01-31')) }),
      true,
    ],
    [
      'not where the comment says another tag than the configuration',
      site(`python@${A}`, { tagHint: hint('python:3.12', slot('tag', '3.11')) }),
      false,
    ],
    ['not where only the ledger knows the tag', site(`python@${A}`, { tagHint: hint('python:3.11') }), false],
    ['not where nobody knows it', site(`python@${A}`), false],
    [
      'as the twin of an image, which has none to write',
      site(`python:3.11@${A}`, { slots: [slot('digest', A)], twin: true }),
      true,
    ],
    [
      'not where it is skipped',
      site('python:3.11', { skip: { reason: 'templated', detail: 'a template' } }),
      false,
    ],
  ])('%s', (_, where, expected) => {
    expect(canWriteTag(where)).toBe(expected);
  });
});

/** Python's tags, and what each pin of `sites` should follow. */
async function follow(
  sites: (digest: string) => readonly Site[],
  given: {
    readonly settings?: (pin: TrackedPin) => Partial<TrackSettings>;
    readonly options?: Partial<FollowOptions>;
    readonly prepare?: (registry: TaggedRegistry) => void;
  } = {},
) {
  const registry = new TaggedRegistry();
  const old = registry.push('3.11.6', BOTH);
  registry.push('3.11.9', BOTH);
  registry.push('3.12.1', BOTH);
  given.prepare?.(registry);
  const pins = groupPins(sites(old));
  const settingsOf = (pin: TrackedPin) => ({ ...SETTINGS, ...given.settings?.(pin) });
  const followed = await followTags(pins, settingsOf, registry, { now: NOW, ...given.options });
  expect(followed.map(({ pin }) => pin)).toEqual(pins);
  const said = followed.map(({ pin, toTag, tracked }) => {
    const how = tracked.status === 'kept' ? tracked.code : tracked.status;
    return `${pin.image.tag} → ${toTag} (${how})`;
  });
  return { registry, said, followed };
}

describe('the tag to follow for each pin', () => {
  it.each([
    ['its image', (old: string) => [site(`python:3.11.6@${old}`)], '3.11.6 → 3.11.9 (newer)'],
    ['nothing', () => [], '3.11.6 → 3.11.6 (unwritable-site)'],
    [
      'an image whose tag is in a variable',
      (old: string) => [site(`python:3.11.6@${old}`, { slots: [slot('digest', old)] })],
      '3.11.6 → 3.11.6 (unwritable-site)',
    ],
  ] as const)('of a twin beside %s', async (_, beside, expected) => {
    const { said } = await follow((old) => [
      ...beside(old),
      site(`python:3.11.6@${old}`, { start: 500, slots: [slot('digest', old)], twin: true }),
    ]);
    expect(said).toEqual([expected]);
  });

  it('is the newest for every place that can take it', async () => {
    const { registry, said } = await follow((old) => [
      site(`python:3.11.6@${old}`),
      site('python:3.11.6', { file: 'b/Dockerfile' }),
      site(`python:3.12.1@${A}`, { file: 'c/Dockerfile' }),
      site('python', { file: 'd/Dockerfile' }),
    ]);
    expect(said).toEqual([
      '3.11.6 → 3.11.9 (newer)',
      '3.11.6 → 3.11.9 (newer)',
      '3.12.1 → 3.12.1 (up-to-date)',
      'latest → latest (unordered-tag)',
    ]);
    expect(registry.askedFor('tags')).toHaveLength(1);
    expect(registry.askedFor('head')).toEqual(['head docker.io/library/python:3.11.9']);
  });

  it('is its own, without any request, where nothing is tracked or the image is left alone', async () => {
    const { registry, said } = await follow(
      (old) => [site(`python:3.11.6@${old}`), site(`ghcr.io/acme/base:1.0.0@${A}`, { file: 'b' })],
      {
        settings: (pin) =>
          pin.image.registry === 'ghcr.io' ? { ignored: 'a rule ignores it' } : { track: 'digest' },
      },
    );
    expect(said).toEqual(['3.11.6 → 3.11.6 (not-tracked)', '1.0.0 → 1.0.0 (ignored)']);
    expect(registry.asked).toEqual([]);
  });

  it('is its own where the tag is in a variable, and for all that move with it', async () => {
    const { registry, said, followed } = await follow((old) => [
      site(`python:3.11.6@${old}`, { line: 4, slots: [slot('digest', old)], pin: 'a' }),
      site(`python:3.11.6@${A}`, { file: 'build.yml', pin: 'a' }),
      site('python:3.11.6', { file: 'c/Dockerfile' }),
    ]);
    expect(said.sort()).toEqual([
      '3.11.6 → 3.11.6 (unwritable-site)',
      '3.11.6 → 3.11.6 (unwritable-site)',
      '3.11.6 → 3.11.9 (newer)',
    ]);
    const message = followed.flatMap(({ tracked }) => (tracked.status === 'kept' ? tracked.message : []))[0];
    expect(message).toContain('Dockerfile:4');
    expect(registry.askedFor('tags')).toHaveLength(1);
  });

  it('is its own through a chain of pins that move together', async () => {
    const sites = (old: string) => [
      site(`python:3.11.6@${A}`, { file: 'a', pin: 'one' }),
      site(`python:3.11.6@${A}`, { file: 'b', pin: 'two' }),
      site(`python:3.11.6@${old}`, { file: 'c', pin: 'two' }),
      site(`python:3.11.6@${old}`, { file: 'd', pin: 'three' }),
      site(`python:3.12.1@${A}`, { file: 'e', pin: 'three', slots: [slot('digest', A)] }),
    ];
    const { registry, said } = await follow(sites);
    expect(new Set(said.map((one) => one.split(' ').at(-1)))).toEqual(new Set(['(unwritable-site)']));
    expect(registry.asked).toEqual([]);
  });

  it('is never moved away from what the configuration names', async () => {
    const { said } = await follow(
      (old) => [site(`python@${old}`, { tagHint: hint('python:3.11.6', slot('tag', '3.11.6')) })],
      { settings: () => ({ tag: '3.11.6' }) },
    );
    expect(said).toEqual(['3.11.6 → 3.11.6 (tag-in-configuration)']);
  });

  it('moves with the comment of a digest without tag', async () => {
    const { said } = await follow((old) => [
      site(`python@${old}`, { tagHint: hint('python:3.11.6', slot('tag', '3.11.6')) }),
    ]);
    expect(said).toEqual(['3.11.6 → 3.11.9 (newer)']);
  });

  it('is one answer for all pins of a tag, of what all of them run on', async () => {
    const { said } = await follow(
      (old) => [site(`python:3.11.6@${old}`), site('python:3.11.6', { file: 'b/Dockerfile' })],
      { prepare: (registry) => registry.push('3.11.10', ['linux/amd64']) },
    );
    expect(said).toEqual(['3.11.6 → 3.11.9 (newer)', '3.11.6 → 3.11.9 (newer)']);
  });

  it('honours the platforms that matter', async () => {
    const { said } = await follow((old) => [site(`python:3.11.6@${old}`)], {
      prepare: (registry) => registry.push('3.11.10', ['linux/amd64']),
      settings: () => ({ platforms: ['linux/amd64'] }),
    });
    expect(said).toEqual(['3.11.6 → 3.11.10 (newer)']);
  });

  it('fails for the pins of one repository, not for others', async () => {
    const { said } = await follow(
      (old) => [
        site(`python:3.11.6@${old}`),
        site('python:3.12.0', { file: 'b' }),
        site('python:slim', { file: 'c' }),
      ],
      { prepare: (registry) => Object.assign(registry, { outage: fault('unavailable', true) }) },
    );
    expect(said).toEqual([
      '3.11.6 → 3.11.6 (failed)',
      '3.12.0 → 3.12.0 (failed)',
      'slim → slim (unordered-tag)',
    ]);
  });
});

describe('what somebody wants to know of tags that did not move', () => {
  it('is what is in the way, and nothing that is as it should be', async () => {
    const { followed } = await follow((old) => [
      site(`python:3.11.6@${old}`, { slots: [slot('digest', old)] }),
      site(`python:3.12.1@${A}`, { file: 'b' }),
      site('python', { file: 'c' }),
    ]);
    const told = followed.flatMap(({ tracked }) => (isNoteworthy(tracked) ? tracked.message : []));
    expect(told).toEqual([
      'Dockerfile:1: the tag of this image is set elsewhere (a variable or a shared value), so docker.io/library/python:3.11.6 keeps its tag',
    ]);
  });

  it('is no outage: that is a failure', async () => {
    const { followed } = await follow((old) => [site(`python:3.11.6@${old}`)], {
      prepare: (registry) => Object.assign(registry, { outage: fault('unavailable', true) }),
    });
    expect(followed.map(({ tracked }) => [tracked.status, isNoteworthy(tracked)])).toEqual([
      ['failed', false],
    ]);
  });
});
