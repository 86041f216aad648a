import * as v from 'valibot';
import { purlWithoutVersion } from '../../assess/sbom/purl.ts';
import type { Finding } from '../../assess/scan.ts';
import { optionalText } from './read-json.ts';
import { severityOf } from './severity.ts';

const related = v.looseObject({ id: v.pipe(v.string(), v.nonEmpty()), severity: optionalText });

const match = v.looseObject({
  vulnerability: v.looseObject({
    id: v.pipe(v.string(), v.nonEmpty()),
    dataSource: optionalText,
    namespace: optionalText,
    severity: v.optional(v.nullable(v.string())),
    description: optionalText,
    urls: v.optional(v.nullable(v.array(v.string()))),
    fix: v.optional(
      v.nullable(
        v.looseObject({ versions: v.optional(v.nullable(v.array(v.string()))), state: optionalText }),
      ),
    ),
  }),
  relatedVulnerabilities: v.optional(v.nullable(v.array(related))),
  matchDetails: v.optional(
    v.nullable(
      v.array(
        v.looseObject({ fix: v.optional(v.nullable(v.looseObject({ suggestedVersion: optionalText }))) }),
      ),
    ),
  ),
  artifact: v.looseObject({
    name: v.pipe(v.string(), v.nonEmpty()),
    version: v.string(),
    type: v.optional(v.string(), ''),
    purl: optionalText,
    locations: v.optional(v.nullable(v.array(v.looseObject({ path: optionalText })))),
  }),
});

const target = v.looseObject({
  userInput: optionalText,
  imageID: optionalText,
  manifestDigest: optionalText,
});

/** `built` stands under `db.status` since Grype's database 6, under `db` before. */
const database = v.looseObject({
  built: optionalText,
  status: v.optional(v.nullable(v.looseObject({ built: optionalText }))),
});

/** Grype's JSON report (github.com/anchore/grype, presenter/models). */
export const grypeReportSchema = v.looseObject({
  matches: v.array(match),
  source: v.optional(
    v.nullable(v.looseObject({ type: optionalText, target: v.optional(v.nullable(v.unknown())) })),
  ),
  distro: v.optional(v.nullable(v.looseObject({ name: optionalText, version: optionalText }))),
  descriptor: v.looseObject({
    name: v.literal('grype'),
    version: v.string(),
    db: v.optional(v.nullable(v.union([database, v.string()]))),
  }),
});

/** `grype db status --output json`: `built` is when the database was made. */
export const grypeDatabaseSchema = v.looseObject({
  built: optionalText,
  valid: v.optional(v.boolean(), true),
});

/** `grype version --output json`. */
export const grypeVersionSchema = v.looseObject({ version: v.pipe(v.string(), v.nonEmpty()) });

export type GrypeReport = v.InferOutput<typeof grypeReportSchema>;
type Match = v.InferOutput<typeof match>;

/** When the database of a report was made; null where the report does not say. */
export function databaseDate(report: GrypeReport): string | null {
  const { db } = report.descriptor;
  if (db === undefined || db === null || typeof db === 'string') return null;
  return db.status?.built || db.built || null;
}

/** The image a report says it is about: manifest and configuration digest, and the user's words; null where it does not say. */
export type ReportedImage = {
  readonly manifest: string | null;
  readonly image: string | null;
  readonly input: string | null;
};

/** Reads which image a report is about. */
export function reportedImage(report: GrypeReport): ReportedImage {
  const read = v.safeParse(target, report.source?.target);
  if (!read.success) return { manifest: null, image: null, input: null };
  const { manifestDigest, imageID, userInput } = read.output;
  return { manifest: manifestDigest || null, image: imageID || null, input: userInput || null };
}

/** The findings of a report, in its order. */
export function fromGrypeMatches(report: GrypeReport): readonly Finding[] {
  return report.matches.map(toFinding);
}

function toFinding(entry: Match): Finding {
  const { vulnerability, artifact } = entry;
  const isOsPackage = artifact.type === 'deb' || artifact.type === 'apk' || artifact.type === 'rpm';
  const own = vulnerability.severity ?? '';
  const rated =
    severityOf(own) === 'unknown' ? entry.relatedVulnerabilities?.find((item) => item.severity) : undefined;
  return {
    id: vulnerability.id,
    aliases: [...new Set((entry.relatedVulnerabilities ?? []).map((item) => item.id))]
      .filter((id) => id !== vulnerability.id)
      .sort(),
    package: artifact.name,
    purl: purlWithoutVersion(artifact.purl ?? ''),
    location: isOsPackage ? null : (artifact.locations?.[0]?.path ?? null),
    installed: artifact.version,
    fixedIn: fixOf(entry),
    severity: severityOf(rated?.severity ?? own),
    severitySource: rated === undefined ? sourceOf(vulnerability.namespace ?? '') : 'nvd',
    title: (vulnerability.description ?? '').split('\n')[0]?.slice(0, 200) ?? '',
    url: vulnerability.dataSource || vulnerability.urls?.[0] || null,
  };
}

function fixOf(entry: Match): string | null {
  const suggested = entry.matchDetails?.find((detail) => detail.fix?.suggestedVersion)?.fix?.suggestedVersion;
  const { fix } = entry.vulnerability;
  if (fix?.state !== 'fixed') return null;
  return suggested || fix.versions?.at(-1) || null;
}

/** `debian:distro:debian:12` → `debian`, `github:language:go` → `github`, `nvd:cpe` → `nvd`. */
function sourceOf(namespace: string): string | null {
  return namespace.split(':')[0] || null;
}
