import { join } from 'node:path';
import { fileOsvCache, fileScanCache } from './adapters/scanner/file-cache.ts';
import { imageAccess } from './adapters/scanner/image-access.ts';
import { osvHttp } from './adapters/scanner/osv-http.ts';
import { prepareScanner, type ScannerChoice } from './adapters/scanner/select-scanner.ts';
import { assessMove, DEFAULT_ASSESS_SETTINGS, type Move } from './assess/assess.ts';
import type { Suppression } from './assess/diff/suppression.ts';
import { parseTrivyIgnore, parseTrivyIgnoreYaml } from './assess/diff/trivyignore.ts';
import { readVex } from './assess/diff/vex.ts';
import type { ReadyScanner } from './assess/scan-side.ts';
import { openSignatures } from './cli/open-signatures.ts';
import type { RegistrySettings } from './config/registries.ts';
import type { RepositoryConfig } from './config/repository.ts';
import { type Tree, TreeError } from './discover/tree.ts';
import { isoDate } from './domain/ledger-entry.ts';
import type { FactPorts } from './judge-pin.ts';
import type { Registry } from './resolve/registry.ts';
import type { SeenDigests } from './resolve/seen.ts';

/** What facts are gathered with: the operator's, the same for every repository. */
export type FactSources = {
  readonly registry: Registry;
  readonly registrySettings: RegistrySettings;
  /** Variables that scanners, signatures and registries read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Where scan reports and OSV answers are cached; losing it costs time only. */
  readonly cacheFolder: string;
  readonly now: () => Date;
  readonly seen: SeenDigests | null;
};

const SCAN_TIMEOUT_MS = 10 * 60_000;

/**
 * The ports that facts of one pass over one repository come through. The scanner is made ready when the first move
 * needs it, once: all moves of a pass are judged by one scanner and one database. Signatures are looked at for every
 * move, rule or none: one that disappears is a finding.
 */
export async function openFacts(
  sources: FactSources,
  tree: Tree,
  config: RepositoryConfig,
  signal: AbortSignal,
): Promise<FactPorts> {
  const { registry, env, cacheFolder, now } = sources;
  const cache = fileScanCache(join(cacheFolder, 'scans'));
  let preparing: Promise<{ scanner: ReadyScanner; suppressions: readonly Suppression[] }> | null = null;
  const prepare = () => {
    preparing ??= Promise.all([
      prepareScanner(
        {
          choice: scannerChoice(config),
          env,
          cwd: sources.cwd,
          access: imageAccess(sources.registrySettings, env),
          osv: {
            http: osvHttp(),
            cache: fileOsvCache(join(cacheFolder, 'osv')),
            baseUrl: env['PINWHEEL_OSV_URL'] || 'https://api.osv.dev',
          },
          timeoutMs: SCAN_TIMEOUT_MS,
          now,
        },
        signal,
      ),
      repositorySuppressions(tree, now()),
    ]).then(([scanner, suppressions]) => ({ scanner, suppressions }));
    return preparing;
  };
  return {
    scan: async (move: Move) => {
      const { scanner, suppressions } = await prepare();
      return assessMove({ registry, scanner, cache, now, signal }, move, {
        ...DEFAULT_ASSESS_SETTINGS,
        suppressions,
      });
    },
    signatures: await openSignatures(tree, config, registry, { env }, true),
    seen: sources.seen,
  };
}

function scannerChoice(_config: RepositoryConfig): ScannerChoice {
  return 'auto';
}

const VEX_FILES = ['.vex.json', '.openvex.json', '.vex/openvex.json', '.github/openvex.json'] as const;

/** What the repository itself says does not count: `.trivyignore`, `.trivyignore.yaml` and VEX documents. */
async function repositorySuppressions(tree: Tree, now: Date): Promise<readonly Suppression[]> {
  const today = isoDate(now);
  const [plain, yaml, ...vex] = await Promise.all(
    ['.trivyignore', '.trivyignore.yaml', ...VEX_FILES].map((path) => textOf(tree, path)),
  );
  const fromYaml = yaml == null ? null : parseTrivyIgnoreYaml(yaml, today);
  return [
    ...vex.flatMap((text) => (text === null ? [] : (readVex(parseOrNull(text)) ?? []))),
    ...(plain == null ? [] : parseTrivyIgnore(plain, today)),
    ...(fromYaml?.ok === true ? fromYaml.value : []),
  ];
}

async function textOf(tree: Tree, path: string): Promise<string | null> {
  try {
    return new TextDecoder().decode(await tree.read(path));
  } catch (error) {
    if (error instanceof TreeError) return null;
    throw error;
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
