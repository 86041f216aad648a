import type { Digest } from '../domain/digest.ts';
import type { Repository } from '../domain/image-reference.ts';
import { formatPlatform, type Platform, platformKey, samePlatform } from '../domain/platform.ts';
import type { Registry } from '../resolve/registry.ts';
import { saidByImages } from './diff/compare-link.ts';
import { diffConfig } from './diff/diff-config.ts';
import { diffFindings } from './diff/diff-findings.ts';
import { diffPackages } from './diff/diff-packages.ts';
import type { FindingDiff, PlatformScanDiff, ScanDiffFact } from './diff/scan-diff.ts';
import type { Suppression } from './diff/suppression.ts';
import { type LoadedDigest, loadDigest, variantFor } from './image/load-image.ts';
import type { ScannerIdentity } from './scan.ts';
import {
  configSide,
  factOf,
  loadSide,
  packagesOf,
  type ReadyScanner,
  registryReason,
  type Side,
  type SideScan,
  sameScanner,
  scanSides,
} from './scan-side.ts';
import { type ScanCache, type Scanner, ScannerError } from './scanner.ts';

/** What the assessment of a move reaches out with. */
export type AssessPorts = {
  readonly registry: Registry;
  /** Made ready once a job, by {@link readyScanner}: all moves of a pass are judged by one scanner and one database. */
  readonly scanner: ReadyScanner;
  readonly cache: ScanCache;
  readonly now: () => Date;
  readonly signal: AbortSignal;
};

/** One image to move. `from` is null for a reference that had no digest. */
export type ImageMove = {
  readonly repository: Repository;
  readonly tag: string | null;
  readonly from: Digest | null;
  readonly to: Digest;
  /** The platforms that matter, the first ones first; empty: those the old digest had (or the new one, without an old). */
  readonly platforms: readonly Platform[];
};

export type AssessSettings = {
  /** VEX of the repository, `.trivyignore` entries and recorded exceptions, in the order they speak. */
  readonly suppressions: readonly Suppression[];
  /** Platforms scanned in full; the rest is named only. Default 2. */
  readonly maxPlatforms: number;
};

export const DEFAULT_ASSESS_SETTINGS: AssessSettings = { suppressions: [], maxPlatforms: 2 };

/** Makes a scanner ready for a job: its database is updated at most once. Never throws for a scanner that cannot work. */
export async function readyScanner(scanner: Scanner | null, signal: AbortSignal): Promise<ReadyScanner> {
  if (scanner === null) {
    return {
      status: 'unavailable',
      reason: 'no scanner is available: install one, or choose one in the configuration (docs/scanning.md)',
    };
  }
  try {
    return { status: 'ready', scanner, identity: await scanner.prepare(signal) };
  } catch (error) {
    if (!(error instanceof ScannerError) || error.code === 'aborted') throw error;
    return { status: 'unavailable', reason: error.message };
  }
}

/**
 * What moving one image does to security, packages and configuration, for each platform that matters, both sides with
 * the same scanner, database and way of reading. A scanner that fails becomes a fact `scan-unavailable`; packages and
 * configuration are compared all the same. Throws a `RegistryError` where the NEW digest cannot be read at all.
 */
export async function assessMove(
  ports: AssessPorts,
  move: ImageMove,
  settings: AssessSettings = DEFAULT_ASSESS_SETTINGS,
): Promise<ScanDiffFact> {
  const [after, { loaded: before, problem }] = await Promise.all([
    loadDigest(ports.registry, move.repository, move.to),
    loadOld(ports.registry, move),
  ]);
  const warnings: string[] = problem === null ? [] : [`the old image cannot be read: ${problem}`];
  // A manifest on its own says its platform in its configuration only: read it once, whatever the other side is.
  const single = before?.index === null ? loadOldSide(ports.registry, move, before, null, problem) : null;
  const oldPlatform =
    single === null || after.index === null ? null : ((await single).side?.image.platform ?? null);
  const wanted = choosePlatforms(
    move.platforms,
    oldPlatform === null ? platformsOf(before) : [oldPlatform],
    after,
  );
  const chosen = wanted.slice(0, Math.max(1, settings.maxPlatforms));
  const platforms: PlatformScanDiff[] = [];
  let labels: { readonly before: Side | null; readonly after: Side } | null = null;
  for (const platform of chosen) {
    const variant = variantFor(after, platform);
    if (variant === null) continue;
    const early =
      single ?? (platform === null ? null : loadOldSide(ports.registry, move, before, platform, problem));
    const [newSide, ready] = await Promise.all([loadSide(ports.registry, move.repository, variant), early]);
    const own = newSide.image.platform;
    const old = samePlatformOnly(
      ready ?? (await loadOldSide(ports.registry, move, before, own, problem)),
      own,
    );
    warnings.push(...newSide.attached.warnings, ...(old.side?.attached.warnings ?? []));
    labels ??= { before: old.side, after: newSide };
    platforms.push(await comparePlatform(ports, move, settings, old, newSide));
  }
  const [oldKeys, newKeys] = [keysOf(before, labels?.before), keysOf(after, labels?.after)];
  return {
    image: move.repository,
    tag: move.tag,
    from: move.from,
    to: move.to,
    platforms,
    platformsNotCompared: wanted
      .slice(chosen.length)
      .flatMap((item) => (item === null ? [] : [platformKey(item)])),
    platformsLost: oldKeys.filter((key) => newKeys.length > 0 && !newKeys.includes(key)),
    platformsGained: newKeys.filter((key) => oldKeys.length > 0 && !oldKeys.includes(key)),
    scanner: scannerOf(platforms),
    ...saidByImages(labels?.before?.image.config ?? null, labels?.after.image.config ?? null),
    warnings: [...new Set(warnings)],
  };
}

type OldSide = { readonly side: Side | null; readonly reason: string | null };

async function loadOld(
  registry: Registry,
  move: ImageMove,
): Promise<{ readonly loaded: LoadedDigest | null; readonly problem: string | null }> {
  if (move.from === null) return { loaded: null, problem: null };
  try {
    return { loaded: await loadDigest(registry, move.repository, move.from), problem: null };
  } catch (error) {
    return { loaded: null, problem: registryReason(error) };
  }
}

async function loadOldSide(
  registry: Registry,
  move: ImageMove,
  before: LoadedDigest | null,
  platform: Platform | null,
  problem: string | null,
): Promise<OldSide> {
  if (before === null) return { side: null, reason: problem };
  const variant = variantFor(before, platform);
  if (variant === null) {
    return {
      side: null,
      reason: `the old image has no ${platform === null ? 'image' : formatPlatform(platform)}`,
    };
  }
  try {
    return { side: await loadSide(registry, move.repository, variant), reason: null };
  } catch (error) {
    return { side: null, reason: registryReason(error) };
  }
}

async function comparePlatform(
  ports: AssessPorts,
  move: ImageMove,
  settings: AssessSettings,
  old: OldSide,
  side: Side,
): Promise<PlatformScanDiff> {
  const sides = old.side === null ? [side] : [old.side, side];
  const scans = await scanSides(ports.scanner, sides, ports.cache, ports.signal);
  const missing: SideScan = { ok: false, reason: old.reason ?? 'the new image was not scanned' };
  const newScan = scans.at(-1) ?? missing;
  const oldScan = old.side === null ? null : (scans[0] ?? missing);
  const { findings, unavailable } = compareFindingsOf(move, settings, old, side, oldScan, newScan);
  const newPackages = packagesOf(side, newScan);
  const oldPackages = old.side === null || oldScan === null ? null : packagesOf(old.side, oldScan);
  return {
    platform: side.image.platform,
    from: old.side?.image.digest ?? null,
    to: side.image.digest,
    before: beforeFact(old, oldScan),
    after: factOf(side, newScan),
    findings,
    unavailable,
    packages: oldPackages === null || newPackages === null ? null : diffPackages(oldPackages, newPackages),
    config:
      old.side === null || oldScan === null
        ? []
        : diffConfig(configSide(old.side, oldScan), configSide(side, newScan), today(ports.now())),
  };
}

function beforeFact(old: OldSide, scan: SideScan | null): PlatformScanDiff['before'] {
  if (old.side !== null && scan !== null) return factOf(old.side, scan);
  return old.reason === null ? null : { status: 'scan-unavailable', reason: old.reason, packages: null };
}

function compareFindingsOf(
  move: ImageMove,
  settings: AssessSettings,
  old: OldSide,
  side: Side,
  oldScan: SideScan | null,
  newScan: SideScan,
): { readonly findings: FindingDiff | null; readonly unavailable: string | null } {
  const none = (reason: string) => ({ findings: null, unavailable: reason });
  if (!newScan.ok) return none(newScan.reason);
  const of = (one: Side, scan: Extract<SideScan, { ok: true }>) => ({
    image: { ...move.repository, digest: one.image.digest },
    findings: scan.report.findings,
    suppressions: [...one.vex, ...settings.suppressions],
  });
  if (oldScan === null || old.side === null) {
    // Nothing was pinned before: nothing is known to come or go.
    return old.reason === null
      ? { findings: diffFindings(null, of(side, newScan)), unavailable: null }
      : none(old.reason);
  }
  if (!oldScan.ok) return none(oldScan.reason);
  if (!sameScanner(oldScan.report.scanner, newScan.report.scanner)) {
    return none('the scanner or its database changed between the two scans');
  }
  return { findings: diffFindings(of(old.side, oldScan), of(side, newScan)), unavailable: null };
}

/** Two platforms are never compared with each other. */
function samePlatformOnly(old: OldSide, platform: Platform | null): OldSide {
  const other = old.side?.image.platform ?? null;
  if (other === null || platform === null || samePlatform(other, platform)) return old;
  return {
    side: null,
    reason: `the old image is for ${formatPlatform(other)}, the new one for ${formatPlatform(platform)}`,
  };
}

/** What the operator or the old digest says, else what the new one has; the most used first. */
function choosePlatforms(
  asked: readonly Platform[],
  before: readonly Platform[],
  after: LoadedDigest,
): readonly (Platform | null)[] {
  if (after.index === null) return [null];
  const own = platformsOf(after);
  const keys = new Set(own.map(platformKey));
  const wanted = asked.length > 0 ? asked : before.toSorted(byUse);
  const shared = wanted.filter((platform) => keys.has(platformKey(platform)));
  // Who asked for a platform must not be shown another one in its place.
  if (shared.length > 0 || asked.length > 0) return shared;
  const rest = own.toSorted(byUse);
  return rest.length > 0 ? rest : [null];
}

const USE: readonly string[] = ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/386'];

function byUse(a: Platform, b: Platform): number {
  const rank = (platform: Platform): number => {
    const index = USE.indexOf(platformKey(platform));
    return index < 0 ? USE.length : index;
  };
  return rank(a) - rank(b);
}

function platformsOf(loaded: LoadedDigest | null): readonly Platform[] {
  return (loaded?.variants ?? []).flatMap((variant) => variant.platform ?? []);
}

/** The platforms of one side. A manifest on its own says its platform in its configuration, which `side` has read. */
function keysOf(loaded: LoadedDigest | null, side: Side | null | undefined): readonly string[] {
  const alone = loaded !== null && loaded.index === null ? (side?.image.platform ?? null) : null;
  return [...new Set((alone === null ? platformsOf(loaded) : [alone]).map(platformKey))].sort();
}

function scannerOf(platforms: readonly PlatformScanDiff[]): ScannerIdentity | null {
  for (const { after } of platforms) if (after.status === 'scanned') return after.scanner;
  return null;
}

function today(now: Date): string {
  return now.toISOString().slice(0, 10);
}
