import { type Digest, digestAlgorithm, isDigest } from '../../domain/digest.ts';
import { RegistryError } from '../../resolve/registry.ts';
import { answeredWith, type Subject } from './errors.ts';
import { headerText, type TransportResponse } from './transport.ts';

/** The tags of one page, in its order; an empty list may be null. */
export function readTags(body: Buffer, subject: Subject): string[] {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString('utf8'));
  } catch {
    throw answeredWith(subject, 'something that is not JSON');
  }
  const tags: unknown =
    typeof answer === 'object' && answer !== null ? (answer as { tags?: unknown }).tags : null;
  if (tags === null || tags === undefined) return [];
  if (!Array.isArray(tags)) throw answeredWith(subject, 'something that is not a list of tags');
  return tags.filter((tag): tag is string => typeof tag === 'string');
}

/** The digest of a manifest's body, equal to `wanted` where one is, and to the digest the registry states. */
export async function verify(
  response: TransportResponse,
  wanted: Digest | null,
  subject: Subject,
): Promise<Digest> {
  const stated = headerText(response.headers['docker-content-digest']);
  if (wanted !== null) await verifyBody(response.body, wanted, subject);
  if (stated !== null && isDigest(stated) && stated !== wanted) {
    await verifyBody(response.body, stated, subject);
    return wanted ?? stated;
  }
  return wanted ?? (await hash(response.body, 'sha256'));
}

/** Throws `digest-mismatch` where the content is another. */
export async function verifyBody(body: Buffer, wanted: Digest, subject: Subject): Promise<void> {
  const actual = await hash(body, digestAlgorithm(wanted));
  if (actual === wanted) return;
  throw new RegistryError({
    code: 'digest-mismatch',
    message: `${subject.registry}: the content of ${subject.what} has the digest ${actual} instead of ${wanted}; it is not used`,
  });
}

/** Loaded when needed: a pass where nothing changed hashes nothing. */
async function hash(body: Buffer, algorithm: 'sha256' | 'sha512'): Promise<Digest> {
  const { createHash } = await import('node:crypto');
  return `${algorithm}:${createHash(algorithm).update(body).digest('hex')}` as Digest;
}
