import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { messageOf, PinwheelError, type Result } from '../../domain/errors.ts';

export class TrustedRootError extends PinwheelError<'unreadable-root' | 'invalid-root'> {}

/** Where trust comes from: the operator's settings. */
export type RootSettings = {
  /** Sigstore's public root: refreshed by TUF, only the copy shipped with the packages, or not trusted at all. */
  readonly public: 'refresh' | 'shipped' | 'off';
  /** Files with private roots (`trusted_root.json`, protobuf-specs TrustedRoot). */
  readonly files: readonly string[];
  /** A TUF repository of one's own, and the file of its first root. */
  readonly tuf: { readonly mirror: string; readonly rootFile: string } | null;
  /** Where TUF keeps its files. */
  readonly cacheFolder: string;
};

export type LoadedRoots = {
  readonly roots: readonly TrustedRoot[];
  /** Where the public root came from; null where it is off. */
  readonly publicFrom: 'tuf' | 'shipped' | null;
  /** What is less than asked for, sentences. */
  readonly notes: readonly string[];
};

const PUBLIC_MIRROR = 'https://tuf-repo-cdn.sigstore.dev';
const TIMEOUT = 5000;

/**
 * The settings in the environment: `PINWHEEL_SIGSTORE_ROOT` (`refresh`, `shipped`, `off`), `PINWHEEL_TRUSTED_ROOTS` (files,
 * `:` between them), `PINWHEEL_TUF_MIRROR` with `PINWHEEL_TUF_ROOT`, `XDG_CACHE_HOME`. Throws {@link TrustedRootError} for
 * other words.
 */
export function rootSettings(environment: Readonly<Record<string, string | undefined>>): RootSettings {
  const word = environment['PINWHEEL_SIGSTORE_ROOT'] ?? 'refresh';
  if (word !== 'refresh' && word !== 'shipped' && word !== 'off') {
    throw invalidRoot(`PINWHEEL_SIGSTORE_ROOT is ${JSON.stringify(word)}; expected refresh, shipped or off`);
  }
  const mirror = environment['PINWHEEL_TUF_MIRROR'];
  const rootFile = environment['PINWHEEL_TUF_ROOT'];
  if ((mirror === undefined) !== (rootFile === undefined)) {
    throw invalidRoot(
      'PINWHEEL_TUF_MIRROR and PINWHEEL_TUF_ROOT must be set together: the URL, and the file of its first root',
    );
  }
  const cache = environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return {
    public: word,
    files: (environment['PINWHEEL_TRUSTED_ROOTS'] ?? '').split(':').filter((path) => path !== ''),
    tuf: mirror === undefined || rootFile === undefined ? null : { mirror, rootFile },
    cacheFolder: join(cache, 'pinwheel', 'tuf'),
  };
}

/**
 * The trusted roots. The public one is refreshed by TUF; where that fails (no network, a read-only disk) the copy that
 * `@sigstore/tuf` ships is used, and a note says so. Throws {@link TrustedRootError} for private files that cannot be
 * read: trust that was configured must not go missing in silence.
 */
export async function loadRoots(settings: RootSettings, timeout = TIMEOUT): Promise<LoadedRoots> {
  const roots: TrustedRoot[] = [];
  const notes: string[] = [];
  for (const file of settings.files) roots.push(await readRoot(file));
  if (settings.tuf !== null) {
    const { mirror, rootFile } = settings.tuf;
    const refreshed = await refreshRoot({ mirrorURL: mirror, rootPath: rootFile }, settings, timeout);
    if (!refreshed.ok) {
      const message = `the trusted root of ${mirror} cannot be refreshed: ${messageOf(refreshed.fault)}`;
      throw new TrustedRootError({
        code: 'unreadable-root',
        message,
        temporary: true,
        cause: refreshed.fault,
      });
    }
    roots.push(refreshed.value);
  }
  if (settings.public === 'off') return { roots, publicFrom: null, notes };
  if (settings.public === 'refresh') {
    const refreshed = await refreshRoot({ mirrorURL: PUBLIC_MIRROR }, settings, timeout);
    if (refreshed.ok) return { roots: [...roots, refreshed.value], publicFrom: 'tuf', notes };
    notes.push(
      `Sigstore's root could not be refreshed (${messageOf(refreshed.fault)}); the shipped copy is used`,
    );
  }
  return { roots: [...roots, await shippedRoot()], publicFrom: 'shipped', notes };
}

/** Asks the repository; where it does not answer, what was fetched before stands in as long as TUF lets it. */
async function refreshRoot(
  where: { readonly mirrorURL: string; readonly rootPath?: string },
  settings: RootSettings,
  timeout: number,
): Promise<Result<TrustedRoot, unknown>> {
  const { getTrustedRoot } = await import('@sigstore/tuf');
  const options = { ...where, cachePath: settings.cacheFolder, retry: 1, timeout };
  try {
    return { ok: true, value: await getTrustedRoot(options) };
  } catch (fault) {
    try {
      return { ok: true, value: await getTrustedRoot({ ...options, forceCache: true, retry: 0 }) };
    } catch {
      return { ok: false, fault };
    }
  }
}

/** The public root as `@sigstore/tuf` ships it. */
export async function shippedRoot(): Promise<TrustedRoot> {
  const path = createRequire(import.meta.url).resolve('@sigstore/tuf/seeds.json');
  const seeds: unknown = JSON.parse(await readFile(path, 'utf8'));
  const encoded = member(member(member(seeds, PUBLIC_MIRROR), 'targets'), 'trusted_root.json');
  if (typeof encoded !== 'string') throw invalidRoot('@sigstore/tuf ships no trusted root; reinstall it');
  return parseRoot(Buffer.from(encoded, 'base64').toString('utf8'), '@sigstore/tuf');
}

async function readRoot(file: string): Promise<TrustedRoot> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const message = `the trusted root ${file} cannot be read: ${messageOf(error)}`;
    throw new TrustedRootError({ code: 'unreadable-root', message, cause: error });
  }
  return parseRoot(text, file);
}

async function parseRoot(text: string, file: string): Promise<TrustedRoot> {
  const { TrustedRoot: protobuf } = await import('@sigstore/protobuf-specs');
  let root: TrustedRoot;
  try {
    root = protobuf.fromJSON(JSON.parse(text));
  } catch (error) {
    throw invalidRoot(`${file} is not a trusted root (trusted_root.json): ${messageOf(error)}`, error);
  }
  // The protobuf reader takes any JSON object; nothing could ever be verified by an empty root.
  if (root.certificateAuthorities.length + root.tlogs.length + root.timestampAuthorities.length > 0)
    return root;
  throw invalidRoot(`${file} is not a trusted root (trusted_root.json): it names no authority and no log`);
}

function invalidRoot(message: string, cause?: unknown): TrustedRootError {
  return new TrustedRootError({ code: 'invalid-root', message, cause });
}

function member(data: unknown, key: string): unknown {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) return undefined;
  return (data as Readonly<Record<string, unknown>>)[key];
}
