import { join, resolve } from 'node:path';
import { createRegistry } from '../adapters/registry/registry.ts';
import { fileScanCache } from '../adapters/scanner/file-cache.ts';
import { imageAccess } from '../adapters/scanner/image-access.ts';
import { prepareScanner } from '../adapters/scanner/select-scanner.ts';
import { assessMove, DEFAULT_ASSESS_SETTINGS } from '../assess/assess.ts';
import type { PlatformScanDiff, ScanDiffFact } from '../assess/diff/scan-diff.ts';
import type { Suppression } from '../assess/diff/suppression.ts';
import { loadRegistrySettings } from '../config/registries.ts';
import type { Digest } from '../domain/digest.ts';
import { canonicalName, type ImageReference, parseImageReference } from '../domain/image-reference.ts';
import { type Platform, parsePlatform, samePlatform } from '../domain/platform.ts';
import type { ScannerChoice } from '../domain/scanner-name.ts';
import { diffDocument, failedDocument } from '../plan/scan-diff/diff-document.ts';
import { diffMarkdown } from '../plan/scan-diff/full-report.ts';
import { exportSbom, type SbomFormat } from '../plan/scan-diff/sbom-export.ts';
import { scanSarif } from '../plan/scan-diff/scan-sarif.ts';
import type { Registry } from '../resolve/registry.ts';
import { version } from '../version.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { DIFF } from './command-lines/diff.ts';
import { diffReport } from './diff-report.ts';
import { readSuppressions } from './diff-suppressions.ts';
import { orFailureDocument } from './failure-document.ts';
import { type ExitCode, type Io, write, writeJson } from './io.ts';
import { cacheFolder } from './open-scanning-facts.ts';
import { printable } from './text.ts';

/** `pinwheel diff`: two digests of one image against each other. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, DIFF);
  const [old, now] = readImages(parsed.positionals);
  const sbomFormat = parsed.choice('sbom');
  const platform = readPlatform(parsed.value('platform'));
  const suppressions = await readSuppressions(
    (parsed.value('ignore') ?? '').split(',').filter((file) => file !== ''),
    io,
  );
  const wanted: Comparison = {
    io,
    old,
    now,
    platform,
    choice: parsed.choice('scanner'),
    suppressions,
    registries: parsed.value('registries'),
    timeoutSeconds: parsed.number('timeout'),
  };
  return orFailureDocument(
    parsed.flag('json'),
    io,
    ({ message }) => failedDocument(message),
    async () => {
      const fact = await compare(wanted);
      const first = firstOf(fact, platform, parsed.value('platform'));
      if (parsed.flag('json')) await writeJson(io, diffDocument(fact, first));
      else if (sbomFormat !== null) await write(io.stdout, sbomText(fact, first, sbomFormat, io.now()));
      else if (parsed.flag('markdown')) await write(io.stdout, `${diffMarkdown(fact)}\n`);
      else if (parsed.flag('sarif'))
        await writeJson(io, scanSarif(fact, { path: 'Dockerfile', line: 1, baseline: true, version }));
      else await write(io.stdout, diffReport(fact, io));
      for (const warning of fact.warnings) await write(io.stderr, `warning: ${printable(warning)}\n`);
      if (first.findings !== null) return 0;
      const why = first.unavailable ?? 'vulnerabilities unknown';
      await write(io.stderr, `scan-unavailable: ${printable(why)}\n`);
      return 1;
    },
  );
}

/** The platform that was asked for, else the first. Throws {@link UsageError} where the new image does not have it. */
function firstOf(fact: ScanDiffFact, platform: Platform | null, text: string | null): PlatformScanDiff {
  const [first] = fact.platforms;
  const isOther = platform !== null && first?.platform && !samePlatform(first.platform, platform);
  if (first === undefined || isOther) throw new UsageError(missingPlatform(fact, text));
  return first;
}

type Comparison = {
  readonly io: Io;
  readonly old: Pinned;
  readonly now: Pinned;
  readonly platform: Platform | null;
  readonly choice: ScannerChoice;
  readonly suppressions: readonly Suppression[];
  readonly registries: string | null;
  readonly timeoutSeconds: number;
};

async function compare(comparison: Comparison): Promise<ScanDiffFact> {
  const { io, old, now, platform } = comparison;
  const file = comparison.registries === null ? null : resolve(io.cwd, comparison.registries);
  const settings = await loadRegistrySettings({ file, env: io.env });
  const registry: Registry = createRegistry({ settings, env: io.env });
  const cache = cacheFolder(io.env);
  try {
    const scanner = await prepareScanner(
      {
        choice: comparison.choice,
        env: io.env,
        cwd: io.cwd,
        access: imageAccess(settings, io.env),
        cacheFolder: cache,
        timeoutMs: comparison.timeoutSeconds * 1000,
        now: io.now,
      },
      io.signal,
    );
    return await assessMove(
      { registry, scanner, cache: fileScanCache(join(cache, 'scans')), now: io.now, signal: io.signal },
      {
        repository: now.reference,
        tag: now.reference.tag ?? old.reference.tag,
        from: old.digest,
        to: now.digest,
        platforms: platform === null ? [] : [platform],
      },
      { ...DEFAULT_ASSESS_SETTINGS, suppressions: comparison.suppressions, maxPlatforms: 1 },
    );
  } finally {
    await registry.close();
  }
}

type Pinned = { readonly reference: ImageReference; readonly digest: Digest };

function readImages(positionals: readonly string[]): readonly [Pinned, Pinned] {
  const [first, second] = positionals;
  if (first === undefined || second === undefined) {
    throw new UsageError('diff needs two images: pinwheel diff IMAGE@OLD IMAGE@NEW (see --help)');
  }
  const old = readImage(first);
  // A digest alone is of the same image.
  const now = readImage(/^sha(?:256|512):/.test(second) ? `${old.reference.name}@${second}` : second);
  if (canonicalName(old.reference) !== canonicalName(now.reference)) {
    throw new UsageError(
      `diff compares two digests of one image, not ${canonicalName(old.reference)} with ${canonicalName(now.reference)}`,
    );
  }
  return [old, now];
}

function readImage(text: string): Pinned {
  const parsed = parseImageReference(text);
  if (!parsed.ok) throw new UsageError(`${text}: ${parsed.fault.message}`);
  const reference = parsed.value;
  if (reference.digest === null) {
    throw new UsageError(`${text} has no digest; expected IMAGE@sha256:… or IMAGE:TAG@sha256:…`);
  }
  return { reference, digest: reference.digest };
}

function readPlatform(text: string | null): Platform | null {
  if (text === null) return null;
  const platform = parsePlatform(text);
  if (platform === null)
    throw new UsageError(`--platform ${text}: expected os/architecture[/variant], such as linux/arm64`);
  return platform;
}

function sbomText(fact: ScanDiffFact, platform: PlatformScanDiff, format: SbomFormat, created: Date): string {
  const file = exportSbom(fact, platform, format, created);
  if (file !== null) return `${file.text}\n`;
  throw new UsageError('packages of the new image unknown: no SBOM is attached and no scanner listed them');
}

function missingPlatform(fact: ScanDiffFact, wanted: string | null): string {
  const what = wanted === null ? 'a platform in common' : wanted;
  return `${canonicalName(fact.image)}@${fact.to} does not have ${what}`;
}
