/** Endings that name a part of a reference, not a whole one: `BASE_IMAGE_TAG=3.11`. */
const PART_ENDINGS = [
  '_TAG',
  '_VERSION',
  '_VER',
  '_DIGEST',
  '_SHA',
  '_SHA256',
  '_HASH',
  '_REGISTRY',
  '_REPO',
  '_REPOSITORY',
  '_NAMESPACE',
  '_ORG',
  '_HOST',
  '_PREFIX',
  '_SUFFIX',
  '_VARIANT',
  '_FLAVOR',
  '_FLAVOUR',
  '_DISTRO',
  '_OS',
  '_ARCH',
  '_PLATFORM',
  '_TYPE',
  '_USER',
  '_DATE',
] as const;

/** Whether an ARG's name says that it holds an image: `IMAGE`, `*_IMAGE`, `BASE`, `*_BASE`, `BASE_IMAGE…`. */
export function argSaysImage(name: string): boolean {
  const upper = name.toUpperCase();
  if (upper === 'IMAGE' || upper === 'BASE' || upper.endsWith('_IMAGE') || upper.endsWith('_BASE'))
    return true;
  return upper.startsWith('BASE_IMAGE') && !saysPart(upper);
}

/**
 * Whether a value with a digest is a tag with one (`PYTHON_TAG=3.11@sha256:…`) or the end of one (`@sha256:…`,
 * `-slim@sha256:…`), not an image: it has neither path nor tag, and starts with none of an image name's letters or
 * stands under a name that says so.
 */
export function isTagWithDigest(name: string, value: string): boolean {
  const head = value.slice(0, value.indexOf('@'));
  if (head.includes('/') || head.includes(':')) return false;
  const first = head.charCodeAt(0);
  const isLetter = (first | 32) >= 97 && (first | 32) <= 122;
  return !isLetter || saysPart(name.toUpperCase());
}

function saysPart(upper: string): boolean {
  return PART_ENDINGS.some((ending) => upper.endsWith(ending));
}

/** Whether a value can be an image where only the ARG's name says so: no bare number or version. */
export function defaultLooksLikeImage(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if ((c >= 97 && c <= 122) || c === 47) return value !== 'true' && value !== 'false';
  }
  return false;
}

/** Whether the text carries a digest: `@sha256:` or `@sha512:`. */
export function carriesDigest(text: string): boolean {
  const at = text.indexOf('@sha');
  return at >= 0 && (text.startsWith('@sha256:', at) || text.startsWith('@sha512:', at));
}

/** Whether the text is a template's, to be filled in before Docker reads it. */
export function isTemplatedWord(text: string): boolean {
  return text.includes('{{') || text.includes('{%') || text.includes('<%');
}
