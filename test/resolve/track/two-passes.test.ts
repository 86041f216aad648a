import { describe, expect, it } from 'vitest';
import type { Digest } from '../../../src/domain/digest.ts';
import { isoDate } from '../../../src/domain/ledger-entry.ts';
import { extractAs } from '../../../src/extract/extract-as.ts';
import { buildPlan } from '../../../src/plan/build-plan.ts';
import { applyEdits } from '../../../src/plan/edits.ts';
import { groupPins } from '../../../src/plan/pins.ts';
import { resolvePins } from '../../../src/resolve/resolve.ts';
import { followTags } from '../../../src/resolve/track/follow-tags.ts';
import { TaggedRegistry } from './tagged-registry.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const BOTH = ['linux/amd64', 'linux/arm64'];
const PATH = 'Dockerfile';

/** One pass over one Dockerfile: tags first, then digests against the tags to follow, then the edits. */
async function pass(text: string, registry: TaggedRegistry, track: string) {
  const extraction = extractAs({ path: PATH, text }, 'dockerfile');
  const pins = groupPins(extraction.sites);
  const settings = { track, platforms: null, ignoredDigests: [], ignored: null, tag: null };
  const followed = await followTags(pins, () => settings, registry, { now: NOW });
  const resolutions = await resolvePins(
    followed.map(({ pin, toTag }) => ({ image: { ...pin.image, tag: toTag }, from: pin.from })),
    registry,
    { concurrency: 4, now: NOW },
  );
  const plan = buildPlan({
    decisions: followed.flatMap(({ pin, toTag }, index) => {
      const resolution = resolutions[index];
      if (resolution === undefined) return [];
      const moves = resolution.status === 'moved' || toTag !== pin.image.tag;
      return [
        { pin, resolution, toTag, verdict: moves ? ('rotate' as const) : ('current' as const), reasons: [] },
      ];
    }),
    kept: [],
    files: new Map([[PATH, text]]),
    extractions: [extraction],
    extract: extractAs,
    ledger: null,
    today: isoDate(NOW),
  });
  expect(plan.failures).toEqual([]);
  return applyEdits(text, plan.edits);
}

function tags() {
  const registry = new TaggedRegistry();
  const slim = (version: string): Digest => registry.push(`${version}-slim`, BOTH);
  const [old, middle, newest] = [slim('3.11.6'), slim('3.11.8'), slim('3.11.9')];
  slim('3.12.1');
  registry.push('3.11.10-slim', ['linux/amd64']);
  registry.tag('docker.io/docker/dockerfile:1', old);
  return { registry, old, middle, newest };
}

const dockerfile = (tag: string, digest: string, variable: string) =>
  [
    '# syntax=docker/dockerfile:1',
    `ARG PYTHON_IMAGE=python:${tag}@${digest} # the base`,
    'ARG VERSION=3.11.6',
    'FROM ${PYTHON_IMAGE} AS build',
    `FROM python:\${VERSION}-slim@${variable}`,
    `COPY --from=python:${tag}@${digest} /usr /usr`,
    '',
  ].join('\n');

describe('two passes over one Dockerfile', () => {
  it.each(['patch', '~3.11'])('within %s move tag and digest together, and then nothing', async (track) => {
    const { registry, old, middle, newest } = tags();
    const first = await pass(dockerfile('3.11.6-slim', old, middle), registry, track);
    // The tag in the variable stays, and its digest follows it.
    expect(first.split('\n').slice(1)).toEqual(dockerfile('3.11.9-slim', newest, old).split('\n').slice(1));
    expect(await pass(first, registry, track)).toBe(first);
  });

  it('leave the tag of one pin alone where one of its places has it in a variable', async () => {
    const { registry, old } = tags();
    const first = await pass(dockerfile('3.11.6-slim', old, old), registry, 'patch');
    expect(first.split('\n').slice(1)).toEqual(dockerfile('3.11.6-slim', old, old).split('\n').slice(1));
  });

  it('move the tag alone where both tags are one image', async () => {
    const { registry, newest } = tags();
    const text = `FROM python:3.11.8-slim@${newest}\n`;
    expect(await pass(text, registry, 'patch')).toBe(`FROM python:3.11.9-slim@${newest}\n`);
  });

  it('leave tags alone where digests are followed', async () => {
    const { registry, old } = tags();
    const text = `FROM python:3.11.6-slim@${old}\n`;
    expect(await pass(text, registry, 'digest')).toBe(text);
    expect(registry.askedFor('tags')).toEqual([]);
  });
});
