import * as v from 'valibot';
import { majorityOs, makePackage } from './make-package.ts';
import { MAX_PACKAGES, type OsRelease, type SbomPackage, type SbomResult, sbomFault } from './sbom.ts';

const property = v.looseObject({ name: v.string(), value: v.optional(v.nullable(v.string())) });

const component = v.looseObject({
  type: v.optional(v.string(), 'library'),
  name: v.string(),
  group: v.optional(v.nullable(v.string())),
  version: v.optional(v.nullable(v.string())),
  purl: v.optional(v.nullable(v.string())),
  properties: v.optional(v.nullable(v.array(property))),
  components: v.optional(v.nullable(v.array(v.unknown()))),
  evidence: v.optional(
    v.nullable(
      v.looseObject({
        occurrences: v.optional(
          v.nullable(v.array(v.looseObject({ location: v.optional(v.nullable(v.string())) }))),
        ),
      }),
    ),
  ),
});

const schema = v.looseObject({
  bomFormat: v.literal('CycloneDX'),
  components: v.optional(v.nullable(v.array(v.unknown())), []),
});

type Component = v.InferOutput<typeof component>;

const MAX_DEPTH = 16;

/**
 * Reads a CycloneDX JSON document (cyclonedx.org/specification) as Syft, Trivy and cdxgen write it: components at any
 * depth by their purl, the distribution by the component of type operating-system or the purls' `distro`, source
 * packages and places by the tools' own properties.
 */
export function parseCycloneDx(document: unknown): SbomResult {
  const parsed = v.safeParse(schema, document);
  if (!parsed.success) return malformed(v.summarize(parsed.issues));
  const packages: SbomPackage[] = [];
  let os: OsRelease | null = null;
  let level: readonly unknown[] = parsed.output.components ?? [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= MAX_DEPTH || packages.length + level.length > MAX_PACKAGES) {
      return sbomFault(
        'too-large',
        `the CycloneDX document nests deeper than ${MAX_DEPTH} or lists too many components`,
      );
    }
    const next: unknown[] = [];
    for (const raw of level) {
      const checked = v.safeParse(component, raw);
      if (!checked.success) return malformed(v.summarize(checked.issues));
      const entry = checked.output;
      for (const child of entry.components ?? []) next.push(child);
      if (entry.type === 'operating-system') {
        os ??= { id: osId(entry), version: entry.version ?? '' };
        continue;
      }
      const made = toPackage(entry);
      if (made !== null) packages.push(made);
    }
    level = next;
  }
  return { ok: true, value: { format: 'cyclonedx', os: os ?? majorityOs(packages), packages } };
}

function malformed(issues: string): SbomResult {
  return sbomFault('malformed', `the CycloneDX document is malformed: ${issues.slice(0, 300)}`);
}

function osId(entry: Component): string {
  return (propertyOf(entry, 'syft:distro:id') ?? entry.name).toLowerCase();
}

function toPackage(entry: Component): SbomPackage | null {
  if (!entry.purl) return null;
  const sourceName =
    propertyOf(entry, 'aquasecurity:trivy:SrcName') ?? propertyOf(entry, 'syft:metadata:source');
  return makePackage({
    purl: entry.purl,
    name: entry.group ? `${entry.group}/${entry.name}` : entry.name,
    version: entry.version ?? '',
    source: sourceName === null ? null : { name: sourceName, version: sourceVersion(entry) },
    location:
      propertyOf(entry, 'aquasecurity:trivy:FilePath') ??
      propertyOf(entry, 'syft:location:0:path') ??
      entry.evidence?.occurrences?.[0]?.location ??
      null,
  });
}

/** Trivy splits a Debian version into epoch, version and release. */
function sourceVersion(entry: Component): string | null {
  const version =
    propertyOf(entry, 'aquasecurity:trivy:SrcVersion') ?? propertyOf(entry, 'syft:metadata:sourceVersion');
  if (version === null) return null;
  const release = propertyOf(entry, 'aquasecurity:trivy:SrcRelease');
  const epoch = propertyOf(entry, 'aquasecurity:trivy:SrcEpoch');
  return `${epoch === null ? '' : `${epoch}:`}${version}${release === null ? '' : `-${release}`}`;
}

function propertyOf(entry: Component, name: string): string | null {
  const value = entry.properties?.find((candidate) => candidate.name === name)?.value;
  return value === undefined || value === null || value === '' ? null : value;
}
