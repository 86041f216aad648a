import type { Result } from '../../domain/errors.ts';
import { OS_PACKAGE_TYPES, type OsRelease, type Sbom, type SbomPackage } from './sbom.ts';

/** An SBOM of which a scanner can be believed: its distribution and the source packages are known. */
export type CompleteSbom = Sbom & { readonly complete: true };

/**
 * Whether a scanner would see what is in this SBOM, and the SBOM made ready for it; else the reason in words.
 *
 * Distributions rate vulnerabilities by source package, and scanners look them up by distribution. An SBOM without these
 * makes a scanner report nothing at all, which must not read as "no vulnerabilities" (see docs/adr/0003-scan-facts.md).
 */
export function completeSbom(sbom: Sbom): Result<CompleteSbom, string> {
  if (sbom.packages.length === 0) return refuse('the attached SBOM lists no packages');
  const osPackages = sbom.packages.filter((item) => OS_PACKAGE_TYPES.has(item.type));
  const types = new Set(osPackages.map((item) => item.type));
  if (types.size > 1) return refuse(`the attached SBOM mixes packages of ${[...types].sort().join(' and ')}`);
  if (sbom.os !== null && osPackages.length === 0) {
    return refuse('the attached SBOM names a distribution but lists none of its packages');
  }
  if (osPackages.length === 0) return { ok: true, value: { ...sbom, complete: true } };
  if (sbom.os === null || sbom.os.version === '') {
    return refuse('the attached SBOM does not say which distribution its packages come from');
  }
  if (osPackages.some((item) => item.version === '')) {
    return refuse('the attached SBOM lists packages of the distribution without their versions');
  }
  if (!knowsSources(osPackages)) {
    return refuse('the attached SBOM does not name the source packages of its packages');
  }
  return { ok: true, value: { ...sbom, os: sbom.os, complete: true } };
}

/**
 * Generators that know source packages leave them out where the name is the same, so one package with another source
 * name proves that they know. Without any, packages whose name never is a source's (`libc6`, `libssl3`) prove that they
 * do not. A list of source packages itself (Docker Scout) holds `glibc`, which no binary package is called.
 */
function knowsSources(packages: readonly SbomPackage[]): boolean {
  const type = packages[0]?.type;
  if (type !== 'deb' && type !== 'apk') return true;
  if (packages.some((item) => item.source !== null)) return true;
  if (packages.some((item) => item.name === 'glibc')) return true;
  return !packages.some((item) =>
    /^lib|-(?:bin|base|common|data|utils|runtime)$|^ssl_client$/.test(item.name),
  );
}

/** The distribution as Trivy names it: its own family words for some os-release ids. */
export function trivyFamily(os: OsRelease): string {
  return TRIVY_FAMILIES.get(os.id) ?? os.id;
}

const TRIVY_FAMILIES: ReadonlyMap<string, string> = new Map([
  ['rhel', 'redhat'],
  ['almalinux', 'alma'],
  ['rockylinux', 'rocky'],
  ['amzn', 'amazon'],
  ['amazonlinux', 'amazon'],
  ['ol', 'oracle'],
  ['oraclelinux', 'oracle'],
  ['mariner', 'cbl-mariner'],
]);

function refuse(reason: string): { readonly ok: false; readonly fault: string } {
  return { ok: false, fault: reason };
}
