import type { FileChange } from '../../src/discover/tree.ts';
import { type Digest, toDigest } from '../../src/domain/digest.ts';
import { toImageReference } from '../../src/domain/image-reference.ts';
import type { Site } from '../../src/domain/site.ts';
import { EMPTY_REPORT, type RotationReport } from '../../src/plan/body/report.ts';
import type { Rotation } from '../../src/plan/plan.ts';
import type { Verdict } from '../../src/policy/verdict.ts';
import type { PlannedPass } from '../../src/pull-requests/planned-pass.ts';

/** A digest made of one hex digit, for tests that name digests by it. */
export function digestOf(digit: string): Digest {
  return toDigest(`sha256:${digit.repeat(64).slice(0, 64)}`);
}

export type FakeMove = {
  readonly image: string;
  readonly to: Digest;
  readonly verdict?: Verdict;
  readonly report?: Partial<RotationReport>;
};

export const LEDGER = 'BASE_IMAGE_DIGESTS.md';

/**
 * What a pass over these files would decide: every `FROM name:tag@digest` line of an image in `moves` moves to its new
 * digest. The ledger is a line for each pin with the day it was written. Pure, as the real one.
 */
export function plannedPass(files: ReadonlyMap<string, string>, moves: readonly FakeMove[]): PlannedPass {
  const rotations = moves.flatMap((move) => rotationsOf(files, move));
  const before = files.get(LEDGER) ?? null;
  const reports = new Map(moves.map((move) => [move.to, { ...EMPTY_REPORT, ...move.report }]));
  return {
    plan: {
      rotations,
      edits: [],
      ledger: { path: LEDGER, before, after: '', changed: rotations.length > 0, entries: [], notes: [] },
      failures: [],
    },
    changesFor: (chosen, day) => {
      const changes = new Map<string, string>();
      let ledger = before ?? '';
      for (const rotation of chosen) {
        for (const site of rotation.sites) {
          const text = changes.get(site.file) ?? files.get(site.file) ?? '';
          changes.set(site.file, text.replaceAll(rotation.from ?? '', rotation.to));
        }
        const name = `${rotation.image.repository}:${rotation.image.tag}`;
        const others = ledger.split('\n').filter((line) => line !== '' && !line.startsWith(`${name} `));
        ledger = `${[...others, `${name} ${rotation.to} ${day}`].sort().join('\n')}\n`;
      }
      if (chosen.length > 0) changes.set(LEDGER, ledger);
      return [...changes].map(([path, text]): FileChange => {
        const old = files.get(path);
        return { path, bytes: Buffer.from(text), before: old === undefined ? null : Buffer.from(old) };
      });
    },
    unresolved: new Set(),
    reportOf: (rotation) => reports.get(rotation.to) ?? EMPTY_REPORT,
  };
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
      verdict: move.verdict ?? 'rotate',
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
