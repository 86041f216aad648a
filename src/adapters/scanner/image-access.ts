import type { ScanSubject } from '../../assess/scanner.ts';
import type { RegistryEntry, RegistrySettings } from '../../config/registries.ts';
import { canonicalName } from '../../domain/image-reference.ts';

/** How an external program reaches one image in its registry. */
export type ImageAccess = {
  /** `host/repository@sha256:…`, with a mirror's host and prefix where the operator set one. */
  readonly reference: string;
  readonly host: string;
  readonly plainHttp: boolean;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  /** PEM certificates to trust besides the system's. */
  readonly ca: string | null;
};

/**
 * How scanners reach images, from the operator's registry settings. An image is only ever scanned after Pinwheel's own
 * registry client read its manifest from the same host, so the rules on hosts and private addresses were applied.
 * Passwords are read from the environment at the moment they are needed.
 */
export function imageAccess(
  settings: RegistrySettings,
  env: Readonly<Record<string, string | undefined>>,
): (subject: ScanSubject) => ImageAccess {
  const entryOf = (host: string): RegistryEntry | undefined =>
    settings.registries.find((candidate) => candidate.host === host);
  return (subject) => {
    const own = entryOf(subject.registry);
    if (own?.mirror === undefined || own.mirror === null) {
      return access(`${canonicalName(subject)}@${subject.digest}`, subject.registry, own, env);
    }
    const { host, prefix } = own.mirror;
    const path = prefix === '' ? subject.repository : `${prefix}/${subject.repository}`;
    return access(`${host}/${path}@${subject.digest}`, host, entryOf(host), env);
  };
}

function access(
  reference: string,
  host: string,
  entry: RegistryEntry | undefined,
  env: Readonly<Record<string, string | undefined>>,
): ImageAccess {
  const password =
    entry?.passwordEnv === undefined || entry.passwordEnv === null ? undefined : env[entry.passwordEnv];
  return {
    reference,
    host,
    plainHttp: entry?.plainHttp ?? false,
    credentials:
      entry?.username === undefined || entry.username === null || password === undefined
        ? null
        : { username: entry.username, password },
    ca: entry?.ca ?? null,
  };
}
