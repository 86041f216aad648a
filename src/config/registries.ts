/** What the operator says about one registry. */
export type RegistryEntry = {
  /** Canonical, lower case, with its port: `docker.io`, `registry.example:5000`, `[::1]:5000`. */
  readonly host: string;
  /** Ask by http instead of https. */
  readonly plainHttp: boolean;
  /** Loopback, private and link-local addresses may be connected to for this host. */
  readonly allowPrivate: boolean;
  readonly username: string | null;
  /** The environment variable that holds the password for `username`. */
  readonly passwordEnv: string | null;
  /** The environment variable that holds a token the registry itself takes as `Authorization: Bearer`. */
  readonly tokenEnv: string | null;
  /** Another host that is asked in this one's place. */
  readonly mirror: RegistryMirror | null;
  /** PEM certificates trusted for this host besides the system's. */
  readonly ca: string | null;
  /** At most so many requests at a time; null for the default. */
  readonly concurrency: number | null;
};

/** `mirror.example:5000/hub` → host `mirror.example:5000`, prefix `hub` (put before the repository's name; may be empty). */
export type RegistryMirror = { readonly host: string; readonly prefix: string };

/** The operator's registry settings, checked: at most one entry a host. */
export type RegistrySettings = { readonly registries: readonly RegistryEntry[] };

/** Settings that say nothing: every registry by https, on public addresses only. */
export const NO_REGISTRY_SETTINGS: RegistrySettings = { registries: [] };

/** An entry that says nothing but its host: the defaults of every key. */
export function registryEntry(host: string, over: Partial<Omit<RegistryEntry, 'host'>> = {}): RegistryEntry {
  return {
    host,
    plainHttp: false,
    allowPrivate: false,
    username: null,
    passwordEnv: null,
    tokenEnv: null,
    mirror: null,
    ca: null,
    concurrency: null,
    ...over,
  };
}

/**
 * Reads the operator's registry settings: the YAML file named by `file` (`--registries FILE`), else by the environment
 * variable `PINWHEEL_REGISTRIES`, else none. A `ca` is a path beside that file, or absolute; its PEM text is read here.
 * Throws a `SettingsError` that names the file, the line and the key.
 */
export async function loadRegistrySettings(options: {
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<RegistrySettings> {
  const file = options.file ?? options.env['PINWHEEL_REGISTRIES'] ?? '';
  if (file === '') return NO_REGISTRY_SETTINGS;
  // The YAML and schema libraries cost about 25 ms of start-up: only paid where there is a file.
  const { readRegistrySettings } = await import('./registries-file.ts');
  return readRegistrySettings(file);
}
