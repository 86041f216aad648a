declare const digestBrand: unique symbol;

/** A content digest `algorithm:hex`, checked: sha256 with 64 or sha512 with 128 lower-case hex characters. */
export type Digest = string & { readonly [digestBrand]: 'Digest' };

const HEX_LENGTH: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha512', 128],
]);

/** Whether `text` is a digest of a registered algorithm (OCI image-spec, descriptor.md#digests). Pure, linear. */
export function isDigest(text: string): text is Digest {
  const colon = text.indexOf(':');
  if (colon < 0) return false;
  const expected = HEX_LENGTH.get(text.slice(0, colon));
  if (expected === undefined || text.length - colon - 1 !== expected) return false;
  for (let i = colon + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const isHex = (c >= 48 && c <= 57) || (c >= 97 && c <= 102);
    if (!isHex) return false;
  }
  return true;
}

/** The digest in `text`. Throws a RangeError where it is none: for values that were checked before. */
export function toDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new RangeError(
    `not a digest: ${JSON.stringify(text.slice(0, 80))} (expected sha256: and 64 hex digits)`,
  );
}

/** The algorithm of a digest, `sha256` or `sha512`. */
export function digestAlgorithm(digest: Digest): 'sha256' | 'sha512' {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** The first `length` hex characters, for people: `7a2e4c9f`. */
export function shortDigest(digest: Digest, length = 8): string {
  const colon = digest.indexOf(':');
  return digest.slice(colon + 1, colon + 1 + length);
}
