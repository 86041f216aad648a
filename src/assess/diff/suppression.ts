import type { Digest } from '../../domain/digest.ts';
import type { Repository } from '../../domain/image-reference.ts';
import { parsePurl } from '../sbom/purl.ts';
import type { Finding } from '../scan.ts';
import type { IgnoredFinding } from './scan-diff.ts';

/**
 * Somebody's statement that a vulnerability does not count, or (`ignored: false`) that it does again. Of several that
 * match a finding the last one speaks.
 */
export type Suppression = {
  /** The vulnerability by any of its identifiers. */
  readonly ids: readonly string[];
  /** Package URLs it holds for, with or without version; empty: every package. */
  readonly purls: readonly string[];
  /** Places it holds for, `*` for any run of characters; empty: every place. */
  readonly paths: readonly string[];
  /** Images it holds for as `pkg:oci/…`; empty: every image. */
  readonly images: readonly string[];
  readonly ignored: boolean;
  readonly by: IgnoredFinding['by'];
  /** Plain text; empty where none was given. */
  readonly reason: string;
};

/** The image a statement may be about. */
export type SuppressedImage = Repository & { readonly digest: Digest };

/** The statement by which a finding of `image` does not count; null where it counts. */
export function suppressionOf(
  finding: Finding,
  image: SuppressedImage,
  suppressions: readonly Suppression[],
): Suppression | null {
  const last = suppressions.findLast((candidate) => matches(candidate, finding, image));
  return last?.ignored === true ? last : null;
}

function matches(suppression: Suppression, finding: Finding, image: SuppressedImage): boolean {
  if (![finding.id, ...finding.aliases].some((id) => suppression.ids.includes(id))) return false;
  if (suppression.images.length > 0 && !suppression.images.some((purl) => isImage(purl, image))) return false;
  if (suppression.purls.length > 0 && !suppression.purls.some((purl) => isPackage(purl, finding)))
    return false;
  if (suppression.paths.length === 0) return true;
  const place = finding.location;
  return place !== null && suppression.paths.some((pattern) => matchesPath(pattern, place));
}

function isPackage(text: string, finding: Finding): boolean {
  const [wanted, own] = [parsePurl(text), parsePurl(finding.purl)];
  if (wanted === null || own === null) return false;
  return (
    wanted.type === own.type &&
    wanted.name === own.name &&
    (wanted.namespace ?? '') === (own.namespace ?? '') &&
    (wanted.version === null || wanted.version === finding.installed)
  );
}

/** `pkg:oci/NAME@sha256:…?repository_url=REGISTRY/PATH` (purl-spec, oci): digest and repository where written. */
function isImage(text: string, image: SuppressedImage): boolean {
  const purl = parsePurl(text);
  if (purl === null) return false;
  if (purl.version !== null && purl.version !== '' && purl.version !== image.digest) return false;
  const repository = purl.qualifiers['repository_url'];
  if (repository !== undefined) {
    const own = `${image.registry}/${image.repository}`;
    return repository === own || `${repository}/${purl.name}` === own || repository === `index.${own}`;
  }
  return image.repository.split('/').at(-1) === purl.name;
}

/** A glob with `*` alone, in linear time for each star. */
function matchesPath(pattern: string, path: string): boolean {
  const parts = pattern.replace(/\*+/g, '*').split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return path === pattern || path === pattern.replace(/^\/+/, '');
  if (!path.startsWith(first) || !path.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= path.length - last.length;
}
