import type { Digest } from '../domain/digest.ts';
import type { Platform } from '../domain/platform.ts';
import type { ScannerName } from '../domain/scanner-name.ts';

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'negligible' | 'unknown';

/** One vulnerability in one package of one image. */
export type Finding = {
  /** The preferred identifier: CVE where there is one. */
  readonly id: string;
  /** Other identifiers of the same vulnerability, sorted. */
  readonly aliases: readonly string[];
  readonly package: string;
  /** The package URL without version, `pkg:deb/debian/openssl`; empty where the scanner gives none. */
  readonly purl: string;
  /** Where a language package stands in the image; null for packages of the distribution. */
  readonly location: string | null;
  readonly installed: string;
  /** The version that fixes it; null where there is none yet. */
  readonly fixedIn: string | null;
  readonly severity: Severity;
  /** Who rated it: `debian`, `nvd`, … */
  readonly severitySource: string | null;
  readonly title: string;
  readonly url: string | null;
};

export type Package = {
  readonly name: string;
  readonly version: string;
  /** `deb`, `apk`, `rpm`, `npm`, `pypi`, … (the purl type). */
  readonly type: string;
  readonly purl: string;
};

export type ScannerIdentity = {
  readonly name: ScannerName;
  readonly version: string;
  /** When the database was made, ISO 8601; null where the service does not say. */
  readonly database: string | null;
};

/** What one scan of one platform's image found, or why nothing is known. Never "no findings" by accident. */
export type ScanFact =
  | {
      readonly status: 'scanned';
      readonly digest: Digest;
      readonly platform: Platform | null;
      readonly source: 'sbom' | 'image';
      readonly scanner: ScannerIdentity;
      readonly findings: readonly Finding[];
      readonly packages: readonly Package[];
    }
  | {
      readonly status: 'scan-unavailable';
      readonly reason: string;
      readonly packages: readonly Package[] | null;
    };
