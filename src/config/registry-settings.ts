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
