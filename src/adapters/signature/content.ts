import { isAbout, parseStatement, type Statement } from '../../assess/provenance.ts';
import type { SignatureFaultCode } from '../../assess/signature.ts';
import type { Digest } from '../../domain/digest.ts';
import { canonicalName, parseImageReference, type Repository } from '../../domain/image-reference.ts';

/** What was signed does not speak of the image: why. */
export type ContentFault = { readonly code: SignatureFaultCode; readonly detail: string };

/** The predicate type of cosign's signatures in bundle form. */
export const COSIGN_SIGNATURE_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';
const IN_TOTO = 'application/vnd.in-toto+json';
const COSIGN_TYPE = 'cosign container image signature';

/** Whether cosign's simple-signing payload speaks of this digest; null where it does. Pure; never throws. */
export function checkSimpleSigning(
  bytes: Uint8Array,
  image: Repository,
  digest: Digest,
): ContentFault | null {
  const critical = member(parseJson(new TextDecoder().decode(bytes)), 'critical');
  const signed = member(member(critical, 'image'), 'docker-manifest-digest');
  const reference = member(member(critical, 'identity'), 'docker-reference');
  if (member(critical, 'type') !== COSIGN_TYPE || typeof signed !== 'string') {
    return { code: 'malformed', detail: 'the signed content is not a cosign image signature' };
  }
  if (signed === digest) return null;
  return otherSubject(signed, typeof reference === 'string' && reference !== '' ? [reference] : [], image);
}

/** The in-toto statement of a DSSE envelope, or why it does not speak of this digest. Pure; never throws. */
export function checkEnvelope(
  json: unknown,
  image: Repository,
  digest: Digest,
): { readonly statement: Statement | null; readonly fault: ContentFault | null } {
  const envelope = member(json, 'dsseEnvelope');
  const payload = member(envelope, 'payload');
  if (typeof payload !== 'string' || member(envelope, 'payloadType') !== IN_TOTO) {
    return {
      statement: null,
      fault: { code: 'malformed', detail: 'the signed content is not an in-toto statement' },
    };
  }
  const parsed = parseStatement(Buffer.from(payload, 'base64').toString('utf8'));
  if (!parsed.ok) return { statement: null, fault: { code: 'malformed', detail: parsed.fault } };
  const statement = parsed.value;
  if (isAbout(statement, digest)) return { statement, fault: null };
  const digests = statement.subjects.flatMap((subject) => subject.digests);
  const names = statement.subjects.flatMap(({ name }) => (name === null || name === '' ? [] : [name]));
  return { statement, fault: otherSubject(digests[0] ?? 'nothing', names, image) };
}

function otherSubject(signed: string, names: readonly string[], image: Repository): ContentFault {
  const shown = signed.slice(0, 80);
  const own = canonicalName(image);
  const others = names.filter((name) => canonicalOf(name) !== own);
  if (names.length > 0 && others.length === names.length) {
    return {
      code: 'other-image',
      detail: `it signs another image, ${String(others[0]).slice(0, 200)} (${shown})`,
    };
  }
  return { code: 'wrong-digest', detail: `it signs another digest, ${shown}` };
}

function canonicalOf(name: string): string | null {
  const parsed = parseImageReference(name);
  return parsed.ok ? canonicalName(parsed.value) : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function member(data: unknown, key: string): unknown {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) return undefined;
  return (data as Readonly<Record<string, unknown>>)[key];
}
