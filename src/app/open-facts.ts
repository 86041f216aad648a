import { join } from 'node:path';
import { fileScanCache } from '../adapters/scanner/file-cache.ts';
import { imageAccess } from '../adapters/scanner/image-access.ts';
import type { ReadyScanners } from '../adapters/scanner/ready-scanners.ts';
import { prepareScanner } from '../adapters/scanner/select-scanner.ts';
import { openSignatures, type SignatureSources } from '../adapters/signature/open-signatures.ts';
import type { SignatureMemory } from '../adapters/signature/remembering-verifier.ts';
import { assessMove, type ImageMove } from '../assess/assess.ts';
import { readStatements } from '../assess/diff/statements.ts';
import type { Suppression } from '../assess/diff/suppression.ts';
import type { ReadyScanner } from '../assess/scan-side.ts';
import { type SuggestVariant, variantSuggester } from '../assess/variants.ts';
import { imageSettings } from '../config/image-settings.ts';
import type { RegistrySettings } from '../config/registry-settings.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import { type Tree, TreeError } from '../discover/tree.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import type { FactPorts } from '../pass/ports.ts';
import { keySources } from '../policy/trust-settings.ts';
import type { Registry } from '../resolve/registry.ts';
import type { SeenDigests } from '../resolve/seen.ts';

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
  /** Shares what signatures were found between passes; absent: each pass looks by itself. */
  readonly signatures?: SignatureMemory;
  /** Shares scanners between passes; absent: each pass makes its own ready. */
  readonly scanners?: ReadyScanners;
};

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
  const { registry, cacheFolder, now } = sources;
  const cache = fileScanCache(join(cacheFolder, 'scans'));
  let preparing: Promise<Prepared> | null = null;
  const prepare = () => {
    preparing ??= Promise.all([
      readyScanner(sources, config.scan, signal),
      repositoryStatements(tree, config.scan.ignoreFiles, now()),
    ]).then(([scanner, statements]) => ({
      scanner,
      statements,
      suggest: variantSuggester(
        { registry, scanner, cache, now, signal },
        {
          suppressions: statements.suppressions,
          allows: (image) => imageSettings(config, image, isoDate(now())).ignored === null,
          timeoutMs: SUGGESTION_TIMEOUT_MS,
        },
      ),
    }));
    return preparing;
  };
  return {
    scan: async (move: ImageMove) => {
      const { scanner, statements } = await prepare();
      const { suppressions, faults } = statements;
      const settings = { suppressions, maxPlatforms: config.scan.maxPlatforms };
      const fact = await assessMove({ registry, scanner, cache, now, signal }, move, settings);
      return { ...fact, warnings: [...fact.warnings, ...faults] };
    },
    signatures: await openSignatures(
      keySources(config.policy.trust),
      tree,
      registry,
      signatureSources(sources),
    ),
    seen: sources.seen,
    suggest: config.scan.suggestions
      ? async (fact, platforms) => (await prepare()).suggest(fact, platforms)
      : null,
  };
}

function signatureSources({ env, signatures }: FactSources): SignatureSources {
  return signatures === undefined ? { env } : { env, memory: signatures };
}

function readyScanner(
  sources: FactSources,
  { scanner: choice, timeout }: RepositoryConfig['scan'],
  signal: AbortSignal,
): Promise<ReadyScanner> {
  const { env, cwd, cacheFolder, now } = sources;
  const prepare = (): Promise<ReadyScanner> =>
    prepareScanner(
      {
        choice,
        env,
        cwd,
        access: imageAccess(sources.registrySettings, env),
        cacheFolder,
        timeoutMs: timeout * 1000,
        now,
      },
      signal,
    );
  return sources.scanners?.get(`${choice} ${timeout}`, now(), prepare) ?? prepare();
}

/** A suggestion is worth no longer wait. */
const SUGGESTION_TIMEOUT_MS = 20_000;

type Prepared = {
  readonly scanner: ReadyScanner;
  readonly statements: Statements;
  readonly suggest: SuggestVariant;
};

type Statements = { readonly suppressions: readonly Suppression[]; readonly faults: readonly string[] };

/** What the repository itself says does not count. A file that cannot be read does not count either, and is named. */
async function repositoryStatements(tree: Tree, files: readonly string[], now: Date): Promise<Statements> {
  const read = await Promise.all(
    files.map(async (path) => {
      const text = await textOf(tree, path);
      return { path, parsed: text === null ? null : readStatements(path, text, isoDate(now)) };
    }),
  );
  return {
    suppressions: read.flatMap(({ parsed }) => (parsed?.ok === true ? parsed.value : [])),
    faults: read.flatMap(({ path, parsed }) => (parsed?.ok === false ? [`${path}: ${parsed.fault}`] : [])),
  };
}

async function textOf(tree: Tree, path: string): Promise<string | null> {
  try {
    return new TextDecoder().decode(await tree.read(path));
  } catch (error) {
    if (error instanceof TreeError) return null;
    throw error;
  }
}
