import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import type { Result } from '../domain/errors.ts';
import { parseImageReference } from '../domain/image-reference.ts';
import type { RegistryEntry, RegistryMirror, RegistrySettings } from './registry-settings.ts';
import { parseSettings, SettingsError, type SettingsFault, settingsOrThrow } from './settings-file.ts';

const environmentName = v.pipe(
  v.string(),
  // The value is not repeated: a secret put here by mistake must not reach a log.
  v.regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'expected the name of an environment variable, such as REGISTRY_PASSWORD',
  ),
);
const hostName = v.pipe(
  v.string(),
  v.check(
    (text) => toHost(text) !== null,
    'expected a registry host such as "ghcr.io" or "registry.example:5000", without scheme or path',
  ),
);
const mirrorName = v.pipe(
  v.string(),
  v.check(
    (text) => toMirror(text) !== null,
    'expected a host with an optional path such as "mirror.example:5000/hub", without scheme or tag',
  ),
);
const filled = v.pipe(v.string(), v.nonEmpty('must not be empty'));
const concurrency = v.pipe(
  v.number(),
  v.check((n) => Number.isInteger(n) && n >= 1 && n <= 256, 'expected a whole number from 1 to 256'),
);

const writtenEntry = v.strictObject({
  host: hostName,
  plainHttp: v.optional(v.boolean(), false),
  allowPrivate: v.optional(v.boolean(), false),
  username: v.optional(filled),
  passwordEnv: v.optional(environmentName),
  tokenEnv: v.optional(environmentName),
  mirror: v.optional(mirrorName),
  ca: v.optional(filled),
  concurrency: v.optional(concurrency),
});

/** The operator's file as it is written: for reading it, and for its JSON schema. */
const registriesFileSchema = v.strictObject({
  registries: v.optional(
    v.pipe(
      v.array(writtenEntry),
      v.rawCheck(({ dataset, addIssue }) => {
        if (!dataset.typed) return;
        for (const { index, key, message } of contradictions(dataset.value)) {
          const entry = dataset.value[index];
          if (entry === undefined) continue;
          addIssue({
            message,
            path: [
              { type: 'array', origin: 'value', input: dataset.value, key: index, value: entry },
              { type: 'object', origin: 'value', input: entry, key, value: entry[key] },
            ],
          });
        }
      }),
    ),
    [],
  ),
});

type WrittenEntry = v.InferOutput<typeof writtenEntry>;
type WrittenFile = v.InferOutput<typeof registriesFileSchema>;

/** Reads and checks one settings file, and the certificate files it names. Throws a {@link SettingsError}. */
export async function readRegistrySettings(file: string): Promise<RegistrySettings> {
  const text = await readText(file, 'name another file with --registries or PINWHEEL_REGISTRIES');
  const written = settingsOrThrow(parseRegistriesFile(file, text));
  return { registries: await Promise.all(written.registries.map((entry) => complete(entry, file))) };
}

/** The text of a settings file, checked; a `ca` is still a path. Pure. */
export function parseRegistriesFile(
  file: string,
  text: string,
): Result<WrittenFile, readonly SettingsFault[]> {
  return parseSettings({ file, text, schema: registriesFileSchema });
}

async function complete(written: WrittenEntry, file: string): Promise<RegistryEntry> {
  return {
    host: toHost(written.host) ?? written.host,
    plainHttp: written.plainHttp,
    allowPrivate: written.allowPrivate,
    username: written.username ?? null,
    passwordEnv: written.passwordEnv ?? null,
    tokenEnv: written.tokenEnv ?? null,
    mirror: written.mirror === undefined ? null : toMirror(written.mirror),
    ca: written.ca === undefined ? null : await readCertificates(resolve(dirname(file), written.ca), file),
    concurrency: written.concurrency ?? null,
  };
}

async function readCertificates(path: string, file: string): Promise<string> {
  const text = await readText(path, `it is the "ca" of a registry in ${file}`);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new SettingsError({
    code: 'invalid-settings',
    message: `${path}: contains no PEM certificate ("-----BEGIN CERTIFICATE-----"); it is the "ca" of a registry in ${file}`,
  });
}

async function readText(path: string, remedy: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new SettingsError({
      code: 'unreadable-settings',
      message: `${path}: cannot be read (${reason}); ${remedy}`,
      cause,
    });
  }
}

type Contradiction = { readonly index: number; readonly key: keyof WrittenEntry; readonly message: string };

function contradictions(entries: readonly WrittenEntry[]): Contradiction[] {
  const found: Contradiction[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const host = toHost(entry.host) ?? entry.host;
    if (seen.has(host))
      found.push({ index, key: 'host', message: `${host} is listed twice; keep one entry` });
    seen.add(host);
    if (entry.username !== undefined && entry.passwordEnv === undefined) {
      found.push({ index, key: 'username', message: 'a username needs a passwordEnv' });
    }
    if (entry.passwordEnv !== undefined && entry.username === undefined) {
      found.push({ index, key: 'passwordEnv', message: 'a passwordEnv needs a username' });
    }
    if (entry.tokenEnv !== undefined && entry.passwordEnv !== undefined) {
      found.push({ index, key: 'tokenEnv', message: 'give either tokenEnv or username and passwordEnv' });
    }
  }
  return found;
}

/** The canonical host in `text`, or null where it is none. Image references know a host by its dot, port or "localhost". */
function toHost(text: string): string | null {
  if (text.includes('/')) return null;
  return toMirror(text)?.host ?? null;
}

function toMirror(text: string): RegistryMirror | null {
  const trimmed = text.endsWith('/') ? text.slice(0, -1) : text;
  const slash = trimmed.indexOf('/');
  const parsed = parseImageReference(`${trimmed}/x`);
  if (!parsed.ok || parsed.value.tag !== null || parsed.value.digest !== null) return null;
  const first = slash < 0 ? trimmed : trimmed.slice(0, slash);
  // A first part that is no host makes the whole a Docker Hub name: then nothing was said about a host.
  if (!/[.:]/.test(first) && first.toLowerCase() !== 'localhost') return null;
  return { host: parsed.value.registry, prefix: slash < 0 ? '' : trimmed.slice(slash + 1) };
}
