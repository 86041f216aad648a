import type { Repository } from '../domain/image-reference.ts';
import { type Registry, RegistryError } from '../resolve/registry.ts';
import type { ConfigSide } from './diff/diff-config.ts';
import type { Suppression } from './diff/suppression.ts';
import { readVex } from './diff/vex.ts';
import { type Attached, findAttached } from './image/attached-sbom.ts';
import { type ImageVariant, type LoadedImage, loadImage } from './image/load-image.ts';
import { type CompleteSbom, completeSbom } from './sbom/complete-sbom.ts';
import type { OsRelease, SbomPackage } from './sbom/sbom.ts';
import type { Package, ScanFact, ScannerIdentity } from './scan.ts';
import {
  type ScanCache,
  type Scanner,
  ScannerError,
  type ScannerReport,
  type ScanSubject,
  scanCacheKey,
} from './scanner.ts';

/** One side of a move on one platform, as far as the registry told: no layer was read for it. */
export type Side = {
  readonly image: LoadedImage;
  readonly subject: ScanSubject;
  readonly attached: Attached;
  /** Null where the attached SBOM cannot be believed; `why` says why. */
  readonly sbom: CompleteSbom | null;
  readonly why: string;
  /** What the image's own VEX says. */
  readonly vex: readonly Suppression[];
};

/** A scanner that is ready for a job, or why there is none. */
export type ReadyScanner =
  | { readonly status: 'ready'; readonly scanner: Scanner; readonly identity: ScannerIdentity }
  | { readonly status: 'unavailable'; readonly reason: string };

/** The scan of one side, or why it is not known. */
export type SideScan =
  | { readonly ok: true; readonly source: 'sbom' | 'image'; readonly report: ScannerReport }
  | { readonly ok: false; readonly reason: string };

/** Reads one side: manifest, configuration, what is attached. Throws a `RegistryError` or a RangeError. */
export async function loadSide(
  registry: Registry,
  repository: Repository,
  variant: ImageVariant,
): Promise<Side> {
  const image = await loadImage(registry, repository, variant);
  const attached = await findAttached(registry, repository, image);
  const completed = attached.sbom === null ? null : completeSbom(attached.sbom.sbom);
  return {
    image,
    subject: {
      registry: repository.registry,
      repository: repository.repository,
      digest: image.digest,
      platform: image.platform,
      configDigest: image.manifest.config.digest,
    },
    attached,
    sbom: completed?.ok === true ? completed.value : null,
    why: completed === null ? 'no SBOM is attached to the image' : completed.ok ? '' : completed.fault,
    vex: attached.vex.flatMap((document) => readVex(document) ?? []),
  };
}

/**
 * Scans one or both sides the same way: by their SBOMs where every side has a believable one and the scanner recognises
 * what they list, else by the images. Results are in the order of `sides`.
 */
export async function scanSides(
  ready: ReadyScanner,
  sides: readonly Side[],
  cache: ScanCache,
  signal: AbortSignal,
): Promise<readonly SideScan[]> {
  if (ready.status === 'unavailable') return sides.map(() => ({ ok: false, reason: ready.reason }));
  const incomplete = sides.find((side) => side.sbom === null);
  let instead = incomplete?.why ?? '';
  if (incomplete === undefined) {
    // Light enough to run side by side.
    const bySbom = await Promise.all(sides.map((side) => scanOne(ready, side, 'sbom', cache, signal)));
    const unrecognised = bySbom.find((scan) => !scan.ok && scan.unrecognised);
    if (unrecognised === undefined || unrecognised.ok) return bySbom;
    instead = unrecognised.reason;
  }
  if (ready.scanner.scanImage === null) {
    return sides.map(() => ({ ok: false, reason: `${ready.scanner.name} reads SBOMs only, and ${instead}` }));
  }
  return eachSide(sides, (side) => scanOne(ready, side, 'image', cache, signal));
}

/** Scans one side by its attached SBOM or not at all: no layer is pulled. */
export async function scanBySbom(
  ready: ReadyScanner,
  side: Side,
  cache: ScanCache,
  signal: AbortSignal,
): Promise<SideScan> {
  if (ready.status === 'unavailable') return { ok: false, reason: ready.reason };
  if (side.sbom === null) return { ok: false, reason: side.why };
  return scanOne(ready, side, 'sbom', cache, signal);
}

type OneScan =
  | Extract<SideScan, { ok: true }>
  | (Extract<SideScan, { ok: false }> & { readonly unrecognised: boolean });

/** One after the other: scanners use all cores and hundreds of megabytes. */
async function eachSide(
  sides: readonly Side[],
  scan: (side: Side) => Promise<OneScan>,
): Promise<readonly OneScan[]> {
  const done: OneScan[] = [];
  for (const side of sides) {
    const same = sides.findIndex((other) => other.subject.digest === side.subject.digest);
    done.push((same < done.length ? done[same] : undefined) ?? (await scan(side)));
  }
  return done;
}

async function scanOne(
  ready: Extract<ReadyScanner, { status: 'ready' }>,
  side: Side,
  source: 'sbom' | 'image',
  cache: ScanCache,
  signal: AbortSignal,
): Promise<OneScan> {
  const key = scanCacheKey(side.subject, source, ready.identity);
  try {
    const cached = key === null ? null : await cache.get(key);
    if (cached !== null && sameScanner(cached.scanner, ready.identity))
      return { ok: true, source, report: cached };
    const report = await scanNow(ready.scanner, side, source, signal);
    if (key !== null && sameScanner(report.scanner, ready.identity)) await cache.set(key, report);
    return { ok: true, source, report };
  } catch (error) {
    // Who was stopped knows nothing, and must not publish that as a fact.
    if (!(error instanceof ScannerError) || error.code === 'aborted') throw error;
    const unrecognised = error.code === 'nothing-recognised' || error.code === 'unsupported';
    return { ok: false, reason: error.message, unrecognised };
  }
}

function scanNow(
  scanner: Scanner,
  side: Side,
  source: 'sbom' | 'image',
  signal: AbortSignal,
): Promise<ScannerReport> {
  if (source === 'sbom' && side.sbom !== null) return scanner.scanSbom(side.sbom, side.subject, signal);
  if (source === 'image' && scanner.scanImage !== null) return scanner.scanImage(side.subject, signal);
  throw new ScannerError({ code: 'unsupported', message: `${scanner.name} cannot scan the ${source}` });
}

/** Whether two reports may be compared: the same program, version and database. */
export function sameScanner(a: ScannerIdentity, b: ScannerIdentity): boolean {
  return a.name === b.name && a.version === b.version && a.database === b.database;
}

/** The packages of a side: the scanner's own list of an image, else the attached SBOM's, else null. */
export function packagesOf(side: Side, scan: SideScan): readonly Package[] | null {
  const listed = scan.ok && scan.source === 'image' ? scan.report.packages : null;
  return listed ?? side.attached.sbom?.sbom.packages.map(plainPackage) ?? null;
}

/** The fact about one side, for the record. */
export function factOf(side: Side, scan: SideScan): ScanFact {
  const packages = packagesOf(side, scan);
  if (!scan.ok) return { status: 'scan-unavailable', reason: scan.reason, packages };
  return {
    status: 'scanned',
    digest: side.image.digest,
    platform: side.image.platform,
    source: scan.source,
    scanner: scan.report.scanner,
    findings: scan.report.findings,
    packages: packages ?? [],
  };
}

/** What is compared besides findings. */
export function configSide(side: Side, scan: SideScan): ConfigSide {
  const { manifest, config } = side.image;
  return {
    config,
    size: manifest.layers.reduce((sum, layer) => sum + layer.size, 0),
    layers: manifest.layers.length,
    packages: packagesOf(side, scan),
    os: osOf(side, scan),
  };
}

function osOf(side: Side, scan: SideScan): OsRelease | null {
  const scanned = scan.ok && scan.source === 'image' ? scan.report.os : null;
  return scanned ?? side.attached.sbom?.sbom.os ?? null;
}

function plainPackage(item: SbomPackage): Package {
  return { name: item.name, version: item.version, type: item.type, purl: item.purl };
}

/** A sentence about what a registry refused; anything else is thrown on. */
export function registryReason(error: unknown): string {
  if (error instanceof RegistryError || error instanceof RangeError) return error.message;
  throw error;
}
