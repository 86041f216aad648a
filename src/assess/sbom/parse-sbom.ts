import { messageOf } from '../../domain/errors.ts';
import { parseCycloneDx } from './cyclonedx.ts';
import { type SbomResult, sbomFault } from './sbom.ts';
import { parseSpdx } from './spdx.ts';

/**
 * Reads an SBOM of any form Pinwheel knows: SPDX 2.x JSON, CycloneDX 1.2+ JSON, or one of these as the predicate of an
 * in-toto statement. Pure; never throws; a fault says what the text is not.
 */
export function parseSbom(text: string): SbomResult {
  let document: unknown;
  try {
    document = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    return sbomFault('not-json', `the SBOM is not JSON: ${messageOf(error)}`);
  }
  return readSbom(document);
}

/** As {@link parseSbom}, of JSON that was parsed before. */
export function readSbom(document: unknown): SbomResult {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return sbomFault('not-an-sbom', 'the document is not a JSON object');
  }
  if ('predicateType' in document && 'predicate' in document) return readPredicate(document.predicate);
  if ('spdxVersion' in document) return parseSpdx(document);
  if ('bomFormat' in document) return parseCycloneDx(document);
  if ('@context' in document && '@graph' in document) {
    return sbomFault('unsupported', 'SPDX 3 (JSON-LD) is not supported; use SPDX 2.x JSON or CycloneDX JSON');
  }
  return sbomFault('not-an-sbom', 'the document is neither SPDX 2.x JSON nor CycloneDX JSON');
}

function readPredicate(predicate: unknown): SbomResult {
  if (typeof predicate !== 'object' || predicate === null) {
    return sbomFault('not-an-sbom', 'the attestation contains no SBOM');
  }
  // cosign before 1.0 wrapped the document into `Data`, as text or as an object.
  if ('Data' in predicate)
    return typeof predicate.Data === 'string' ? parseSbom(predicate.Data) : readSbom(predicate.Data);
  return readSbom(predicate);
}
