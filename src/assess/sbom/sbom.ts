import type { Result } from '../../domain/errors.ts';
import type { Package } from '../scan.ts';

/** The distribution in an image, in the words of os-release(5): `ID` and `VERSION_ID`. */
export type OsRelease = {
  readonly id: string;
  readonly version: string;
};

/** One package as an SBOM lists it. */
export type SbomPackage = Package & {
  /** The source package a distribution built it from, where the SBOM says; null where it does not. */
  readonly source: { readonly name: string; readonly version: string | null } | null;
  /** Where a language package stands in the image; null for packages of the distribution. */
  readonly location: string | null;
};

/** What an SBOM says of one image of one platform, whatever its format. */
export type Sbom = {
  readonly format: 'spdx' | 'cyclonedx';
  readonly os: OsRelease | null;
  readonly packages: readonly SbomPackage[];
};

export type SbomFault = {
  readonly code: 'not-json' | 'not-an-sbom' | 'unsupported' | 'malformed' | 'too-large';
  readonly message: string;
};

export type SbomResult = Result<Sbom, SbomFault>;

/** Packages whose vulnerabilities the distribution knows. */
export const OS_PACKAGE_TYPES: ReadonlySet<string> = new Set(['deb', 'apk', 'rpm', 'alpm']);

/** More packages than any image has: beyond it an SBOM is refused. */
export const MAX_PACKAGES = 200_000;

/** A fault as a result. */
export function sbomFault(code: SbomFault['code'], message: string): SbomResult {
  return { ok: false, fault: { code, message } };
}
