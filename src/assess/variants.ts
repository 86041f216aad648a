import { setTimeout } from 'node:timers/promises';
import { familiarName, type TaggedImage } from '../domain/image-reference.ts';
import { type Platform, platformKey, samePlatform } from '../domain/platform.ts';
import { RegistryError, type RegistryErrorCode } from '../resolve/registry.ts';
import { LEAST_GAIN, suggestVariant, type VariantFindings } from '../resolve/track/suggest-variant.ts';
import { variantImages } from '../resolve/track/variant-images.ts';
import type { AssessPorts } from './assess.ts';
import { diffFindings } from './diff/diff-findings.ts';
import { countBySeverity, type ScanDiffFact, totalOf } from './diff/scan-diff.ts';
import type { Suppression } from './diff/suppression.ts';
import { type LoadedDigest, loadDigest, variantFor } from './image/load-image.ts';
import type { Finding } from './scan.ts';
import { loadSide, sameScanner, scanBySbom } from './scan-side.ts';

export type VariantSettings = {
  readonly suppressions: readonly Suppression[];
  /** Whether the configuration lets an image be looked up at all. */
  readonly allows: (image: TaggedImage) => boolean;
  /** How long one image may keep a pass waiting. */
  readonly timeoutMs: number;
};

/**
 * One line on a variant with far fewer findings than the image a rotation moves to (see {@link suggestVariant}), or null.
 * A variant must run on `platforms`; where they are empty, on those the scan compared: nobody builds for all that an
 * official image has. Never throws: a suggestion is not worth a failure.
 */
export type SuggestVariant = (fact: ScanDiffFact, platforms: readonly Platform[]) => Promise<string | null>;

/**
 * Looks for better variants for one pass: at most three an image, each read by its attached SBOM alone, so no layer is
 * pulled, and judged by the scanner and the database that judged the image itself, which must have been read by its
 * SBOM too. A registry besides the image's own that does not answer is not asked again.
 */
export function variantSuggester(ports: AssessPorts, settings: VariantSettings): SuggestVariant {
  const suggester = new Suggester(ports, settings);
  return (fact, platforms) => suggester.suggest(fact, platforms);
}

/** A registry said something about this one image, not about itself. */
const ANSWERS: ReadonlySet<RegistryErrorCode> = new Set([
  'not-found',
  'unauthorized',
  'denied',
  'unsupported',
]);

class Suggester {
  readonly #ports: AssessPorts;
  readonly #settings: VariantSettings;
  readonly #known = new Map<string, Promise<string | null>>();
  /** Registries that did not answer. */
  readonly #silent = new Set<string>();

  constructor(ports: AssessPorts, settings: VariantSettings) {
    this.#ports = ports;
    this.#settings = settings;
  }

  suggest(fact: ScanDiffFact, platforms: readonly Platform[]): Promise<string | null> {
    const needed = [...new Set(platforms.map(platformKey))].sort();
    const key = [familiarName(fact.image), fact.tag, fact.to, ...needed].join(' ');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const started = this.#look(fact, platforms).catch(() => null);
    this.#known.set(key, started);
    return started;
  }

  async #look(fact: ScanDiffFact, platforms: readonly Platform[]): Promise<string | null> {
    const { scanner } = this.#ports;
    const [first] = fact.platforms;
    if (scanner.status !== 'ready' || fact.tag === null || first === undefined) return null;
    const { after, findings, platform } = first;
    // An image read layer by layer has findings that no SBOM tells of: the two cannot be compared.
    if (findings === null || platform === null || after.status !== 'scanned' || after.source !== 'sbom')
      return null;
    if (!sameScanner(after.scanner, scanner.identity)) return null;
    const image = { ...fact.image, tag: fact.tag };
    const current = counted(image, [...findings.introduced, ...findings.unchanged]);
    if (current.total < LEAST_GAIN) return null;
    const asked = variantImages(image).filter(this.#settings.allows);
    const compared = fact.platforms.flatMap((one) => one.platform ?? []);
    const needed = [platform, ...(platforms.length > 0 ? platforms : compared)] as const;
    const found = await Promise.all(asked.map((one) => this.#within(one, image, needed)));
    return suggestVariant(
      current,
      found.flatMap((one) => one ?? []),
    );
  }

  /** What one variant counts; null where it is not there, cannot be compared, or nobody answers in time. */
  async #within(
    variant: TaggedImage,
    image: TaggedImage,
    platforms: readonly [Platform, ...Platform[]],
  ): Promise<VariantFindings | null> {
    if (this.#silent.has(variant.registry)) return null;
    const stop = new AbortController();
    const late = setTimeout(this.#settings.timeoutMs, 'late' as const, { signal: stop.signal }).catch(
      () => null,
    );
    const answer = this.#count(variant, platforms).catch((error: unknown) =>
      error instanceof RegistryError && !ANSWERS.has(error.code) ? ('silent' as const) : null,
    );
    const first = await Promise.race([answer, late]);
    stop.abort();
    if (first !== 'late' && first !== 'silent') return first;
    if (variant.registry !== image.registry) this.#silent.add(variant.registry);
    return null;
  }

  async #count(
    variant: TaggedImage,
    platforms: readonly [Platform, ...Platform[]],
  ): Promise<VariantFindings | null> {
    const { registry, scanner, cache, signal } = this.#ports;
    const { digest } = await registry.resolveTag(variant);
    const loaded = await loadDigest(registry, variant, digest);
    const [platform] = platforms;
    const one = variantFor(loaded, platform);
    if (one === null || !runsOn(loaded, platforms)) return null;
    const side = await loadSide(registry, variant, one);
    if (side.image.platform === null || !samePlatform(side.image.platform, platform)) return null;
    const scan = await scanBySbom(scanner, side, cache, signal);
    if (!scan.ok || scanner.status !== 'ready' || !sameScanner(scan.report.scanner, scanner.identity))
      return null;
    const { unchanged } = diffFindings(null, {
      image: { ...variant, digest: side.image.digest },
      findings: scan.report.findings,
      suppressions: [...side.vex, ...this.#settings.suppressions],
    });
    return counted(variant, unchanged);
  }
}

/** Whether an index has all platforms; of a manifest alone, its configuration says it, and it has but one. */
function runsOn(loaded: LoadedDigest, platforms: readonly Platform[]): boolean {
  const wanted = new Set(platforms.map(platformKey));
  if (loaded.index === null) return wanted.size === 1;
  const has = new Set(
    loaded.variants.flatMap(({ platform }) => (platform === null ? [] : [platformKey(platform)])),
  );
  return [...wanted].every((key) => has.has(key));
}

function counted(image: TaggedImage, findings: readonly Finding[]): VariantFindings {
  const counts = countBySeverity(findings);
  const reference = `${familiarName(image)}:${image.tag}`;
  return { reference, critical: counts.critical, high: counts.high, total: totalOf(counts) };
}
