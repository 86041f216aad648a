import * as v from 'valibot';
import type { Digest } from '../../domain/digest.ts';
import { readSbom } from '../sbom/parse-sbom.ts';
import type { Sbom } from '../sbom/sbom.ts';

/** What one attached document turned out to be. */
export type Attachment =
  | { readonly kind: 'sbom'; readonly sbom: Sbom; readonly main: boolean }
  | { readonly kind: 'vex'; readonly document: unknown }
  | { readonly kind: 'unusable'; readonly reason: string }
  | { readonly kind: 'other' };

const envelope = v.looseObject({
  payloadType: v.string(),
  payload: v.pipe(v.string(), v.maxLength(128 * 1024 * 1024)),
});

const bundle = v.looseObject({ dsseEnvelope: envelope });

const statement = v.looseObject({
  predicateType: v.string(),
  predicate: v.unknown(),
  subject: v.optional(
    v.nullable(v.array(v.looseObject({ digest: v.optional(v.record(v.string(), v.string()), {}) }))),
  ),
});

/**
 * Reads an attached document about an image, known by any of the digests `subjects`: an SBOM or VEX as it is, in an in-toto statement, in a DSSE
 * envelope, or in a Sigstore bundle. Signatures are not judged here. A statement about another digest is unusable.
 */
export function readAttachment(text: string, subjects: readonly Digest[]): Attachment {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { kind: 'unusable', reason: 'it is not JSON' };
  }
  return readDocument(document, subjects, 0);
}

function readDocument(document: unknown, subjects: readonly Digest[], depth: number): Attachment {
  if (depth > 3) return { kind: 'unusable', reason: 'it is nested too deeply' };
  const wrapped = v.safeParse(bundle, document);
  if (wrapped.success) return readDocument(wrapped.output.dsseEnvelope, subjects, depth + 1);
  const sealed = v.safeParse(envelope, document);
  if (sealed.success) {
    try {
      return readDocument(
        JSON.parse(Buffer.from(sealed.output.payload, 'base64').toString()),
        subjects,
        depth + 1,
      );
    } catch {
      return { kind: 'unusable', reason: "the envelope's payload is not JSON" };
    }
  }
  const stated = v.safeParse(statement, document);
  if (stated.success) return readStatement(stated.output, subjects);
  return readPlain(document, true);
}

function readStatement(stated: v.InferOutput<typeof statement>, subjects: readonly Digest[]): Attachment {
  const about = stated.subject ?? [];
  const isOurs = about.some(({ digest }) =>
    Object.entries(digest).some(([algorithm, hex]) => subjects.some((own) => own === `${algorithm}:${hex}`)),
  );
  if (about.length > 0 && !isOurs) {
    return { kind: 'unusable', reason: 'it describes another digest' };
  }
  const { predicate } = stated;
  const name =
    typeof predicate === 'object' && predicate !== null && 'name' in predicate ? String(predicate.name) : '';
  return readPlain(predicate, !name.startsWith('sbom-'));
}

function readPlain(document: unknown, main: boolean): Attachment {
  if (isVex(document)) return { kind: 'vex', document };
  const sbom = readSbom(document);
  if (sbom.ok) return { kind: 'sbom', sbom: sbom.value, main };
  return sbom.fault.code === 'not-an-sbom'
    ? { kind: 'other' }
    : { kind: 'unusable', reason: sbom.fault.message };
}

/** OpenVEX by its context; CycloneDX VEX is a BOM with vulnerabilities and no components. */
function isVex(document: unknown): boolean {
  if (typeof document !== 'object' || document === null) return false;
  if ('@context' in document) return String(document['@context']).startsWith('https://openvex.dev/');
  if (!('bomFormat' in document) || !('vulnerabilities' in document)) return false;
  return (
    !('components' in document) || !Array.isArray(document.components) || document.components.length === 0
  );
}
