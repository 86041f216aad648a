import type { ScanDiffFact } from '../../src/assess/diff/scan-diff.ts';
import { defaultConfig, type ImageRule, type RepositoryConfig } from '../../src/config/repository.ts';
import { type Digest, toDigest } from '../../src/domain/digest.ts';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import { tagKey } from '../../src/domain/image-reference.ts';
import type { Site } from '../../src/domain/site.ts';
import { gather } from '../../src/pass/gather.ts';
import type { Pass } from '../../src/pass/pass.ts';
import { NO_FACTS } from '../../src/pass/ports.ts';
import { passRequest } from '../../src/pass/request.ts';
import { surveyTree } from '../../src/pass/survey.ts';
import type { RotationReport } from '../../src/plan/body/report.ts';
import { followedImage } from '../../src/plan/pins.ts';
import type { Rotation } from '../../src/plan/plan.ts';
import { reportOf } from '../../src/pull-requests/report.ts';
import { fakeRegistry } from './fake-registry.ts';
import { toImageReference } from './image-reference.ts';
import { memoryTree } from './memory-tree.ts';

/** A digest made of one hex digit, for tests that name digests by it. */
export function digestOf(digit: string): Digest {
  return toDigest(`sha256:${digit.repeat(64).slice(0, 64)}`);
}

export type FakeMove = {
  /** `python:3.11` */
  readonly image: string;
  readonly to: Digest;
  /** Held by the settings. */
  readonly held?: boolean;
  /** What its pull request is told, over what the pass knows. */
  readonly report?: Partial<RotationReport>;
  /** What a scan of the move finds; absent: nobody scans. */
  readonly scan?: ScanDiffFact;
};

export const LEDGER = 'BASE_IMAGE_DIGESTS.md';
export const PASS_DAY = new Date('2026-11-20T09:00:00Z');

/**
 * A real pass over these files, with a registry in which the images of `moves` moved and all others stand still.
 * `unresolved`: canonical names of images that the registry does not have.
 */
export async function passOver(
  files: ReadonlyMap<string, string>,
  moves: readonly FakeMove[],
  now: Date = PASS_DAY,
  unresolved: readonly string[] = [],
): Promise<Pass> {
  const tree = memoryTree(files);
  const tags = await standingTags(files);
  const rules: ImageRule[] = [];
  const scans = new Map<Digest, ScanDiffFact>();
  for (const move of moves) {
    const { registry, repository, tag } = toImageReference(move.image);
    tags.set(tagKey({ registry, repository, tag: tag ?? 'latest' }), move.to);
    if (move.held === true)
      rules.push({ match: [toImagePattern(move.image)], hold: { until: null, reason: null } });
    if (move.scan !== undefined) scans.set(move.to, move.scan);
  }
  for (const key of tags.keys()) {
    if (unresolved.some((name) => key.startsWith(`${name}:`))) tags.delete(key);
  }
  const config: RepositoryConfig = { ...defaultConfig(), images: rules };
  const scan = async ({ to }: { readonly to: Digest }): Promise<ScanDiffFact> => {
    const fact = scans.get(to);
    if (fact === undefined) throw new Error(`nothing is known of ${to}`);
    return fact;
  };
  const facts = { ...NO_FACTS, scan: scans.size === 0 ? null : scan };
  const ports = { tree, registry: fakeRegistry(tags), facts, history: null };
  return gather(ports, config, passRequest(now));
}

/** What the pull requests of such a pass are told: what it knows, and over that what the moves say. */
export function reportsOf(pass: Pass, moves: readonly FakeMove[]): (rotation: Rotation) => RotationReport {
  const given = new Map(moves.map((move) => [`${move.image} ${move.to}`, move.report]));
  return (rotation) => {
    const { registry, repository, tag } = rotation.image;
    const name = [...given.keys()].find((key) => {
      const image = toImageReference(key.slice(0, key.indexOf(' ')));
      return image.registry === registry && image.repository === repository && image.tag === tag;
    });
    return { ...reportOf(pass, rotation), ...(name === undefined ? {} : given.get(name)) };
  };
}

/** Every tag that is pinned, where the files have it. */
async function standingTags(files: ReadonlyMap<string, string>): Promise<Map<string, Digest>> {
  const { sites } = await surveyTree(memoryTree(files), defaultConfig());
  return new Map(
    sites.flatMap((site) => {
      const image = followedImage(site);
      return image === null || site.image.digest === null ? [] : [[tagKey(image), site.image.digest]];
    }),
  );
}

/** The rotations of such a pass alone, made by hand and at once: for what only renders them. */
export function rotationsOver(
  files: ReadonlyMap<string, string>,
  moves: readonly FakeMove[],
): readonly Rotation[] {
  return moves.flatMap((move) => rotationsOf(files, move));
}

function rotationsOf(files: ReadonlyMap<string, string>, move: FakeMove): readonly Rotation[] {
  const wanted = toImageReference(move.image);
  const sites: Site[] = [];
  for (const [file, text] of files) {
    text.split('\n').forEach((line, index) => {
      const match = /^FROM (\S+)/.exec(line);
      if (match?.[1] === undefined || !match[1].startsWith(`${move.image}@`)) return;
      sites.push(siteOf(file, index + 1, match[1]));
    });
  }
  const [first] = sites;
  const from = first?.image.digest ?? null;
  if (first === undefined || from === move.to) return [];
  const image = { registry: wanted.registry, repository: wanted.repository, tag: wanted.tag ?? 'latest' };
  const latest = { digest: move.to, mediaType: 'application/vnd.oci.image.index.v1+json', size: 1000 };
  const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture, variant: null }));
  const shape = { kind: 'index', platforms } as const;
  return [
    {
      image,
      toTag: image.tag,
      from,
      to: move.to,
      verdict: move.held === true ? 'hold' : 'rotate',
      reasons: [{ code: 'newer-digest', message: 'the tag points to a newer digest' }],
      sites,
      resolution: { image, from, status: 'moved', to: move.to, latest, shape, oldShape: shape },
    },
  ];
}

function siteOf(file: string, line: number, text: string): Site {
  const image = toImageReference(text);
  return {
    file,
    line,
    column: 6,
    format: 'dockerfile',
    kind: 'from',
    name: null,
    text,
    start: 5,
    end: 5 + text.length,
    image,
    slots: [{ holds: 'reference', start: 5, end: 5 + text.length, text }],
    skip: null,
    tagHint: null,
    pin: null,
  };
}
