import type { PinHistory, PinnedOn } from '../../../src/assess/age.ts';
import type { ScanDiffFact } from '../../../src/assess/diff/scan-diff.ts';
import type { ImageTrust, SignatureFact } from '../../../src/assess/signature.ts';

import {
  mergeConfig,
  organisationPolicy,
  parseRepositoryConfig,
  type RepositoryConfig,
} from '../../../src/config/repository.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { isIsoDate } from '../../../src/domain/ledger-entry.ts';
import { gather } from '../../../src/pass/gather.ts';
import type { Pass } from '../../../src/pass/pass.ts';
import { type FactPorts, NO_FACTS } from '../../../src/pass/ports.ts';
import { type PassRequest, passRequest } from '../../../src/pass/request.ts';
import { TaggedRegistry } from '../../resolve/track/tagged-registry.ts';
import { scanDiffFact } from '../../support/findings.ts';
import { memoryTree } from '../../support/memory-tree.ts';

export const NOW = new Date('2026-11-20T12:00:00Z');
const DAY = 86_400_000;

/** The day so many days before today. */
export function daysAgo(days: number): string {
  return new Date(NOW.getTime() - days * DAY).toISOString().slice(0, 10);
}

type ImageInit = {
  readonly tag?: string;
  /** Days ago; null: 1970, as reproducible builds write. */
  readonly created?: number | null;
  readonly platforms?: readonly string[];
  /** What tells it from other images of the tag; default: the tag and the day. */
  readonly seed?: string;
  /** Whether the tag points to it. Default true. */
  readonly tagged?: boolean;
};

/** One repository, its registry and all that can be known of its images: what a row of the table sets up. */
export class World {
  readonly registry = new TaggedRegistry();
  readonly files = new Map<string, string>();
  config = '';
  organisation: string | null = null;
  #history = new Map<Digest, string>();
  #seen: { readonly digest: Digest; readonly firstSeen: Date }[] = [];
  #scan: ((to: Digest) => ScanDiffFact) | null = null;
  #trust: ((digest: Digest) => readonly SignatureFact[]) | null = null;

  /** Pushes an image of two platforms; gives the index's digest. */
  push(init: ImageInit = {}): Digest {
    const { tag = '3.11', created = 2, platforms = ['linux/amd64', 'linux/arm64'], tagged = true } = init;
    const seed = init.seed ?? `${tag} ${created} ${platforms.join()}`;
    const time = created === null ? '1970-01-01T00:00:00Z' : `${daysAgo(created)}T08:00:00Z`;
    const entries = platforms.map((platform) => ({
      platform,
      digest: this.registry.manifestOf(`${seed} ${platform}`, platform, { created: time, seed }),
    }));
    const digest = this.registry.indexOf(seed, entries);
    return tagged ? this.registry.point(tag, digest) : digest;
  }

  /** The manifest of one platform of an image made by {@link push} with this seed. */
  manifest(seed: string, platform: string): Digest {
    return this.registry.manifestOf(`${seed} ${platform}`, platform, { seed });
  }

  file(path: string, text: string): void {
    this.files.set(path, text);
  }

  /** `FROM python:TAG@DIGEST` in a Dockerfile. */
  pin(digest: Digest | null, tag = '3.11', path = 'Dockerfile'): void {
    this.file(path, `FROM python:${tag}${digest === null ? '' : `@${digest}`}\n`);
  }

  /** A ledger with one row of python. */
  ledger(
    digest: Digest,
    row: { published?: number; firstSeen?: number; pinnedOn?: number },
    tag = '3.11',
  ): void {
    const day = (days: number | undefined): string => (days === undefined ? '—' : daysAgo(days));
    const days = `${day(row.published)} | ${day(row.firstSeen)} | ${day(row.pinnedOn)}`;
    const cells = `\`python\` | \`${tag}\` | \`${digest}\` | index: linux/amd64, linux/arm64 | ${days} | fresh | \`Dockerfile\``;
    this.file(
      'BASE_IMAGE_DIGESTS.md',
      [
        '<!-- pinwheel:ledger:start -->',
        '',
        '| Image | Tag | Digest | Kind and platforms | Published | First seen | Pinned on | Status | Used in |',
        '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
        `| ${cells} |`,
        '',
        '<!-- pinwheel:ledger:end -->',
        '',
      ].join('\n'),
    );
  }

  /** The history says since when a digest is there. */
  pinnedSince(digest: Digest, days: number): void {
    this.#history.set(digest, daysAgo(days));
  }

  /** The store of seen digests, oldest first. */
  seen(digest: Digest, days: number): void {
    this.#seen.push({ digest, firstSeen: new Date(NOW.getTime() - days * DAY) });
  }

  /** What scanning a move finds. */
  scanned(findings: Parameters<typeof scanDiffFact>[0]): void {
    this.#scan = (to) => scanDiffFact(findings, { to });
  }

  signed(facts: (digest: Digest) => readonly SignatureFact[]): void {
    this.#trust = facts;
  }

  settings(): RepositoryConfig {
    const file = parseRepositoryConfig(this.config, 'pinwheel.yml');
    const merged = file.ok ? mergeConfig(null, file.value) : file;
    if (!merged.ok) throw new Error(JSON.stringify(merged.fault));
    return merged.value;
  }

  /** One pass over the files as they are. */
  pass(request: Partial<PassRequest>): Promise<Pass> {
    const { registry } = this;
    const ports = {
      tree: memoryTree(this.files),
      registry,
      facts: this.#facts(),
      history: this.#pinHistory(),
    };
    return gather(ports, this.settings(), passRequest(NOW, { organisation: this.#policy(), ...request }));
  }

  #policy(): PassRequest['organisation'] {
    if (this.organisation === null) return null;
    const file = parseRepositoryConfig(this.organisation, 'organisation.yml');
    if (!file.ok) throw new Error('a bad organisation file');
    return organisationPolicy(file.value);
  }

  #facts(): FactPorts {
    const scan = this.#scan;
    const trust = this.#trust;
    const assess = async (_: unknown, digest: Digest): Promise<ImageTrust> => ({
      digest,
      signatures: (trust?.(digest) ?? []).map((fact) => ({ source: 'tag', manifest: digest, fact })),
      attestations: [],
      unsignedProvenance: [],
      gaps: [],
    });
    return {
      ...NO_FACTS,
      scan: scan === null ? null : async ({ to }) => scan(to),
      signatures: trust === null ? null : { verifier: { assess }, keys: [], gaps: [] },
      seen: { note: async () => this.#seen },
    };
  }

  #pinHistory(): PinHistory {
    return {
      pinnedOn: async (digests) =>
        new Map(
          digests.map((digest): readonly [Digest, PinnedOn] => {
            const date = this.#history.get(digest);
            if (date === undefined || !isIsoDate(date))
              return [digest, { status: 'unknown', reason: 'the history is shallow' }];
            return [digest, { status: 'known', date }];
          }),
        ),
    };
  }
}
