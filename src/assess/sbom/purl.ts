import { PackageURL } from 'packageurl-js';

/** A package URL's parts, decoded (purl-spec). */
export type Purl = {
  readonly type: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  readonly qualifiers: Readonly<Record<string, string>>;
};

const LIMIT = 4096;

/** The parts of a package URL, or null where the text is none or longer than 4,096 characters. Never throws. */
export function parsePurl(text: string): Purl | null {
  if (!text.startsWith('pkg:') || text.length > LIMIT) return null;
  try {
    const parsed = PackageURL.fromString(text);
    if (!parsed.type || !parsed.name) return null;
    return {
      type: parsed.type,
      namespace: parsed.namespace ?? null,
      name: parsed.name,
      version: parsed.version ?? null,
      qualifiers: Object.fromEntries(
        Object.entries(parsed.qualifiers ?? {}).map(([key, value]) => [key, String(value)]),
      ),
    };
  } catch {
    return null;
  }
}

/** The package URL as text, canonical. */
export function formatPurl(purl: Purl): string {
  return new PackageURL(
    purl.type,
    purl.namespace,
    purl.name,
    purl.version,
    Object.keys(purl.qualifiers).length === 0 ? null : { ...purl.qualifiers },
    null,
  ).toString();
}

/** `pkg:deb/debian/openssl` of `pkg:deb/debian/openssl@3.0.11-1?arch=amd64`; empty text where `text` is no package URL. */
export function purlWithoutVersion(text: string): string {
  const purl = parsePurl(text);
  return purl === null ? '' : formatPurl({ ...purl, version: null, qualifiers: {} });
}
