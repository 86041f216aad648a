import * as v from 'valibot';
import { majorityOs, makePackage } from './make-package.ts';
import { MAX_PACKAGES, type OsRelease, type SbomPackage, type SbomResult, sbomFault } from './sbom.ts';

const reference = v.looseObject({
  referenceType: v.optional(v.string(), ''),
  referenceLocator: v.optional(v.string(), ''),
});

const spdxPackage = v.looseObject({
  name: v.string(),
  versionInfo: v.optional(v.nullable(v.string())),
  primaryPackagePurpose: v.optional(v.nullable(v.string())),
  sourceInfo: v.optional(v.nullable(v.string())),
  externalRefs: v.optional(v.nullable(v.array(reference))),
});

const schema = v.looseObject({
  spdxVersion: v.pipe(v.string(), v.startsWith('SPDX-2.')),
  packages: v.optional(v.nullable(v.pipe(v.array(spdxPackage), v.maxLength(MAX_PACKAGES)))),
});

/**
 * Reads an SPDX 2.x JSON document (spdx.github.io/spdx-spec/v2.3) as Syft, BuildKit, Docker Scout and Trivy write it:
 * packages by their purl reference, source packages by `sourceInfo` or the purl's `upstream`, the distribution by the
 * package of purpose OPERATING-SYSTEM or the purls' `distro`.
 */
export function parseSpdx(document: unknown): SbomResult {
  const parsed = v.safeParse(schema, document);
  if (!parsed.success) {
    return sbomFault(
      'malformed',
      `the SPDX document is malformed: ${v.summarize(parsed.issues).slice(0, 300)}`,
    );
  }
  const packages: SbomPackage[] = [];
  let os: OsRelease | null = null;
  for (const entry of parsed.output.packages ?? []) {
    if (isOperatingSystem(entry)) {
      os ??= { id: entry.name.toLowerCase(), version: entry.versionInfo ?? '' };
      continue;
    }
    const purl = entry.externalRefs?.find((ref) => ref.referenceType === 'purl')?.referenceLocator;
    if (purl === undefined) continue;
    const sourceInfo = entry.sourceInfo ?? '';
    const made = makePackage({
      purl,
      name: entry.name,
      version: entry.versionInfo ?? '',
      source: builtFrom(sourceInfo),
      location: acquiredFrom(sourceInfo),
    });
    if (made !== null) packages.push(made);
  }
  return { ok: true, value: { format: 'spdx', os: os ?? majorityOs(packages), packages } };
}

function isOperatingSystem(entry: v.InferOutput<typeof spdxPackage>): boolean {
  return (
    entry.primaryPackagePurpose === 'OPERATING-SYSTEM' || entry.primaryPackagePurpose === 'OPERATING_SYSTEM'
  );
}

/** Trivy: `built package from: glibc 2.36-9+deb12u4`. */
function builtFrom(sourceInfo: string): { name: string; version: string | null } | null {
  const prefix = 'built package from: ';
  if (!sourceInfo.startsWith(prefix)) return null;
  const [name, version] = sourceInfo.slice(prefix.length).trim().split(' ');
  return name === undefined || name === '' ? null : { name, version: version ?? null };
}

/** Syft: `acquired package info from installed node module manifest file: /app/node_modules/a/package.json, …`. */
function acquiredFrom(sourceInfo: string): string | null {
  const start = sourceInfo.indexOf(': ');
  if (!sourceInfo.startsWith('acquired package info from') || start < 0) return null;
  const path =
    sourceInfo
      .slice(start + 2)
      .split(', ')[0]
      ?.trim() ?? '';
  return path === '' ? null : path;
}
