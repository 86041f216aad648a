/** A platform of an image as OCI writes it (image-spec, image-index.md). */
export type Platform = {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
};

/**
 * A platform from `os/architecture[/variant]`, e.g. `linux/arm64/v8`; `null` variant where none is written.
 * Returns `null` where the text has another shape.
 */
export function parsePlatform(text: string): Platform | null {
  const [os, architecture, variant, ...rest] = text.split('/');
  if (!os || !architecture || rest.length > 0 || variant === '') return null;
  return { os, architecture, variant: variant ?? null };
}

/** The platforms that texts name; other texts count nothing. */
export function parsePlatforms(texts: readonly string[]): readonly Platform[] {
  return texts.flatMap((text) => parsePlatform(text) ?? []);
}

/** `linux/amd64` or `linux/arm/v7`. */
export function formatPlatform(platform: Platform): string {
  const base = `${platform.os}/${platform.architecture}`;
  return platform.variant === null ? base : `${base}/${platform.variant}`;
}

/**
 * Whether two platforms run the same binaries: os, architecture and variant after containerd's normalisation
 * (`arm64` means `arm64/v8`, `arm` means `arm/v7`, `amd64` means `amd64/v1`; aliases `x86_64`, `aarch64`, `armhf`, `armel`).
 */
export function samePlatform(a: Platform, b: Platform): boolean {
  return platformKey(a) === platformKey(b);
}

/** The normalised text of a platform, for maps. */
export function platformKey(platform: Platform): string {
  const os = platform.os.toLowerCase() === 'macos' ? 'darwin' : platform.os.toLowerCase();
  let architecture = platform.architecture.toLowerCase();
  let variant = platform.variant?.toLowerCase() ?? '';
  if (architecture === 'x86_64' || architecture === 'x86-64') architecture = 'amd64';
  if (architecture === 'i386') architecture = '386';
  if (architecture === 'aarch64') architecture = 'arm64';
  if (architecture === 'armhf') [architecture, variant] = ['arm', 'v7'];
  if (architecture === 'armel') [architecture, variant] = ['arm', 'v6'];
  if (architecture === 'arm64' && (variant === '8' || variant === 'v8')) variant = '';
  if (architecture === 'amd64' && variant === 'v1') variant = '';
  if (architecture === 'arm' && variant === '') variant = 'v7';
  if (/^\d/.test(variant)) variant = `v${variant}`;
  return variant === '' ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}
