import * as v from 'valibot';
import type { Severity } from '../../assess/scan.ts';
import { cvss3Score } from './cvss.ts';
import { optionalText } from './read-json.ts';
import { severityOf, severityOfScore } from './severity.ts';

/** The answer of `POST /v1/querybatch`: one result a query, in order (google.github.io/osv.dev). */
export const osvBatchSchema = v.looseObject({
  results: v.array(
    v.nullable(
      v.looseObject({
        vulns: v.optional(
          v.nullable(
            v.array(v.looseObject({ id: v.pipe(v.string(), v.nonEmpty()), modified: optionalText })),
          ),
        ),
        next_page_token: optionalText,
      }),
    ),
  ),
});

const severityEntry = v.looseObject({ type: v.string(), score: v.string() });
const severities = v.optional(v.nullable(v.array(severityEntry)));
const specific = v.optional(
  v.nullable(
    v.looseObject({
      severity: v.optional(v.nullable(v.unknown())),
      urgency: v.optional(v.nullable(v.unknown())),
    }),
  ),
);

/** One vulnerability (ossf.github.io/osv-schema). */
export const osvVulnerabilitySchema = v.looseObject({
  id: v.pipe(v.string(), v.nonEmpty()),
  modified: optionalText,
  withdrawn: optionalText,
  summary: optionalText,
  details: optionalText,
  aliases: v.optional(v.nullable(v.array(v.string()))),
  upstream: v.optional(v.nullable(v.array(v.string()))),
  severity: severities,
  database_specific: specific,
  affected: v.optional(
    v.nullable(
      v.array(
        v.looseObject({
          package: v.optional(v.nullable(v.looseObject({ name: v.string(), ecosystem: v.string() }))),
          severity: severities,
          ecosystem_specific: specific,
          database_specific: specific,
          ranges: v.optional(
            v.nullable(
              v.array(
                v.looseObject({ type: optionalText, events: v.array(v.record(v.string(), v.string())) }),
              ),
            ),
          ),
        }),
      ),
    ),
  ),
});

export type OsvVulnerability = v.InferOutput<typeof osvVulnerabilitySchema>;
type Affected = NonNullable<OsvVulnerability['affected']>[number];

/** What a query asked for: name and ecosystem as OSV writes them (`Debian:12`). */
export type OsvPackage = { readonly name: string; readonly ecosystem: string };

/** The part of a vulnerability that is about one package: the same release first, then the same ecosystem. */
export function affectedBy(vulnerability: OsvVulnerability, wanted: OsvPackage): Affected | null {
  const named = (vulnerability.affected ?? []).filter(
    (item) => item.package?.name.toLowerCase() === wanted.name.toLowerCase(),
  );
  const family = wanted.ecosystem.split(':')[0];
  return (
    named.find((item) => item.package?.ecosystem === wanted.ecosystem) ??
    named.find((item) => item.package?.ecosystem.split(':')[0] === family) ??
    null
  );
}

/** The versions that fix it, in the order OSV lists them. */
export function fixedVersions(affected: Affected | null): readonly string[] {
  const fixed: string[] = [];
  for (const range of affected?.ranges ?? []) {
    if (range.type === 'GIT') continue;
    for (const event of range.events) {
      const version = event['fixed'];
      if (version !== undefined && version !== '' && version !== '0') fixed.push(version);
    }
  }
  return fixed;
}

/** The distribution's own rating first, then the database's, then a CVSS v3 vector. */
export function osvSeverity(
  vulnerability: OsvVulnerability,
  affected: Affected | null,
): { readonly severity: Severity; readonly source: string | null } {
  const source = affected?.package?.ecosystem.split(':')[0]?.toLowerCase() ?? 'osv';
  const words: readonly (readonly [unknown, string])[] = [
    [affected?.ecosystem_specific?.urgency, source],
    [affected?.ecosystem_specific?.severity, source],
    [affected?.severity?.find((item) => !item.type.startsWith('CVSS'))?.score, source],
    [vulnerability.severity?.find((item) => !item.type.startsWith('CVSS'))?.score, source],
    [affected?.database_specific?.severity, 'osv'],
    [vulnerability.database_specific?.severity, 'osv'],
  ];
  for (const [word, by] of words) {
    const severity = typeof word === 'string' ? severityOf(word.replace(/\*+$/, '')) : 'unknown';
    if (severity !== 'unknown') return { severity, source: by };
  }
  const vectors = [...(affected?.severity ?? []), ...(vulnerability.severity ?? [])];
  const scores = vectors.map((item) => cvss3Score(item.score)).filter((score) => score !== null);
  return scores.length === 0
    ? { severity: 'unknown', source: null }
    : { severity: severityOfScore(Math.max(...scores)), source: 'cvss' };
}
