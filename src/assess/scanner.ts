import type { Digest } from '../domain/digest.ts';
import { PinwheelError } from '../domain/errors.ts';
import type { Platform } from '../domain/platform.ts';
import type { ScannerName } from '../domain/scanner-name.ts';
import type { CompleteSbom } from './sbom/complete-sbom.ts';
import type { OsRelease } from './sbom/sbom.ts';
import type { Finding, Package, ScannerIdentity } from './scan.ts';

export type ScannerErrorCode =
  | 'not-found'
  | 'failed'
  | 'crashed'
  | 'timeout'
  | 'too-much-output'
  | 'malformed-output'
  | 'nothing-recognised'
  | 'wrong-subject'
  | 'no-database'
  | 'unsupported'
  | 'unavailable'
  | 'aborted';

/** Why a scanner gave no believable answer. Never to be read as "no vulnerabilities". */
export class ScannerError extends PinwheelError<ScannerErrorCode> {}

/** What is to be scanned: one platform's image, by the digest of its own manifest. */
export type ScanSubject = {
  readonly registry: string;
  readonly repository: string;
  readonly digest: Digest;
  readonly platform: Platform | null;
  /** The digest of the image configuration, by which a scanner's report is recognised. */
  readonly configDigest: Digest;
};

/** What a scanner said of one image. */
export type ScannerReport = {
  readonly scanner: ScannerIdentity;
  readonly findings: readonly Finding[];
  /** Every package the scanner recognised; null for a scanner that does not list them. */
  readonly packages: readonly Package[] | null;
  readonly os: OsRelease | null;
};

/**
 * The port to a vulnerability scanner. Every method throws {@link ScannerError}; an empty list of findings is returned
 * only where the scanner recognised what it scanned.
 */
export interface Scanner {
  readonly name: ScannerName;
  /**
   * Makes the scanner ready for one job and says which version and database it will use for every scan until it is asked
   * again. May update the database, once.
   */
  prepare(signal: AbortSignal): Promise<ScannerIdentity>;
  /** Scans by a list of packages alone: no layer is pulled. */
  scanSbom(sbom: CompleteSbom, subject: ScanSubject, signal: AbortSignal): Promise<ScannerReport>;
  /** Scans the image where it lies; null for a scanner that reads SBOMs only. */
  readonly scanImage: ((subject: ScanSubject, signal: AbortSignal) => Promise<ScannerReport>) | null;
}

/** A cache of reports: losing it costs time only. A key is never reused for another content. */
export interface ScanCache {
  get(key: string): Promise<ScannerReport | null>;
  set(key: string, report: ScannerReport): Promise<void>;
}

/**
 * The key of a report: image, platform, how it was read, scanner, version and database. Null where the scanner does not
 * say its database's date: then nothing may be reused.
 */
export function scanCacheKey(
  subject: ScanSubject,
  source: 'sbom' | 'image',
  scanner: ScannerIdentity,
): string | null {
  if (scanner.database === null) return null;
  return [
    'v1',
    scanner.name,
    scanner.version,
    scanner.database,
    source,
    subject.registry,
    subject.repository,
    subject.digest,
  ].join(' ');
}
