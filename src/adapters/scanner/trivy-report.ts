import * as v from 'valibot';
import { purlWithoutVersion } from '../../assess/sbom/purl.ts';
import type { OsRelease } from '../../assess/sbom/sbom.ts';
import type { Finding, Package, ScannerIdentity } from '../../assess/scan.ts';
import { ScannerError, type ScannerReport, type ScanSubject } from '../../assess/scanner.ts';
import { optionalText } from './read-json.ts';
import { severityOf } from './severity.ts';

const identifier = v.optional(v.nullable(v.looseObject({ PURL: optionalText })));

const trivyPackage = v.looseObject({
  Name: v.string(),
  Version: optionalText,
  Release: optionalText,
  Epoch: v.optional(v.nullable(v.number())),
  Identifier: identifier,
});

const vulnerability = v.looseObject({
  VulnerabilityID: v.pipe(v.string(), v.nonEmpty()),
  VendorIDs: v.optional(v.nullable(v.array(v.string()))),
  PkgName: v.pipe(v.string(), v.nonEmpty()),
  PkgPath: optionalText,
  PkgIdentifier: identifier,
  InstalledVersion: v.string(),
  FixedVersion: optionalText,
  Severity: v.string(),
  SeveritySource: optionalText,
  PrimaryURL: optionalText,
  Title: optionalText,
  Description: optionalText,
});

const result = v.looseObject({
  Target: v.optional(v.string(), ''),
  Class: v.optional(v.string(), ''),
  Type: v.optional(v.string(), ''),
  Packages: v.optional(v.nullable(v.array(trivyPackage))),
  Vulnerabilities: v.optional(v.nullable(v.array(vulnerability))),
});

/** Trivy's JSON report, schema version 2 (trivy.dev, reporting). */
export const trivyReportSchema = v.looseObject({
  SchemaVersion: v.literal(2),
  ArtifactName: v.string(),
  Metadata: v.optional(
    v.nullable(
      v.looseObject({
        OS: v.optional(v.nullable(v.looseObject({ Family: v.string(), Name: v.optional(v.string(), '') }))),
        ImageID: optionalText,
        RepoDigests: v.optional(v.nullable(v.array(v.string()))),
      }),
    ),
  ),
  Results: v.optional(v.nullable(v.array(result))),
});

/** `trivy version --format json`. */
export const trivyVersionSchema = v.looseObject({
  Version: optionalText,
  VulnerabilityDB: v.optional(
    v.nullable(
      v.looseObject({
        UpdatedAt: optionalText,
        DownloadedAt: optionalText,
        NextUpdate: optionalText,
      }),
    ),
  ),
});

export type TrivyReport = v.InferOutput<typeof trivyReportSchema>;
type TrivyResult = v.InferOutput<typeof result>;

/** Targets under which Trivy gathers the packages of many places; they name no place themselves. */
const GATHERED: ReadonlySet<string> = new Set([
  'Node.js',
  'Python',
  'Java',
  'Ruby',
  'Conda',
  'C/C++',
  'Julia',
  'OS Packages',
]);

/**
 * Trivy's report as findings and packages; `log` is what it said beside it. Throws {@link ScannerError} `nothing-recognised` where Trivy saw no package:
 * then "no findings" says nothing.
 */
export function fromTrivyReport(report: TrivyReport, scanner: ScannerIdentity, log: string): ScannerReport {
  const results = report.Results ?? [];
  const packages = results.flatMap((item) => (item.Packages ?? []).map((entry) => toPackage(entry, item)));
  const findings = results.flatMap((item) =>
    (item.Vulnerabilities ?? []).map((entry) => toFinding(entry, item)),
  );
  // What has a vulnerability was recognised, whether it is listed or not.
  if (packages.length === 0 && findings.length === 0) {
    throw new ScannerError({
      code: 'nothing-recognised',
      message: 'trivy recognised no packages, so finding nothing means nothing',
    });
  }
  const os = report.Metadata?.OS;
  const ofDistribution = results.filter((item) => item.Class === 'os-pkgs');
  // For a distribution it does not support, Trivy leaves the packages out without an error.
  if (os && ofDistribution.every((item) => isEmpty(item.Packages) && isEmpty(item.Vulnerabilities))) {
    throw new ScannerError({
      code: 'nothing-recognised',
      message: `trivy has no vulnerability data for ${os.Family} ${os.Name}, or found none of its packages`,
    });
  }
  // A release its database may not have: findings can be believed, that there are none cannot.
  const findsNone = ofDistribution.every((item) => isEmpty(item.Vulnerabilities));
  if (os && findsNone && log.includes('not on the EOL list')) {
    throw new ScannerError({
      code: 'nothing-recognised',
      message: `trivy does not know ${os.Family} ${os.Name}, so finding nothing means nothing`,
    });
  }
  if (ofDistribution.length > 0 && !os) {
    throw new ScannerError({
      code: 'nothing-recognised',
      message: 'trivy did not recognise the distribution, so its packages were not checked',
    });
  }
  return {
    scanner,
    findings,
    packages: packages.length === 0 ? null : packages,
    os: os ? osRelease(os.Family, os.Name) : null,
  };
}

/** Which image a report of an image scan says it is about; null where what it says does not contradict. */
export function contradicts(report: TrivyReport, subject: ScanSubject): string | null {
  const { ArtifactName, Metadata } = report;
  const names = [ArtifactName, ...(Metadata?.RepoDigests ?? [])];
  const imageId = Metadata?.ImageID || null;
  if (imageId === subject.configDigest || names.some((name) => name.includes(subject.digest))) return null;
  return imageId ?? names.find((name) => name.includes('@sha256:')) ?? null;
}

function isEmpty(list: readonly unknown[] | null | undefined): boolean {
  return (list ?? []).length === 0;
}

function osRelease(family: string, name: string): OsRelease {
  return { id: family.toLowerCase(), version: name };
}

function toPackage(entry: v.InferOutput<typeof trivyPackage>, item: TrivyResult): Package {
  const purl = entry.Identifier?.PURL ?? '';
  return {
    name: entry.Name,
    version: packageVersion(entry),
    type: purl.startsWith('pkg:') ? purl.slice(4, purl.indexOf('/')) : item.Type,
    purl,
  };
}

function packageVersion(entry: v.InferOutput<typeof trivyPackage>): string {
  const version = entry.Release ? `${entry.Version ?? ''}-${entry.Release}` : (entry.Version ?? '');
  return entry.Epoch && !version.includes(':') ? `${entry.Epoch}:${version}` : version;
}

function toFinding(entry: v.InferOutput<typeof vulnerability>, item: TrivyResult): Finding {
  return {
    id: entry.VulnerabilityID,
    aliases: [...new Set(entry.VendorIDs ?? [])].filter((id) => id !== entry.VulnerabilityID).sort(),
    package: entry.PkgName,
    purl: purlWithoutVersion(entry.PkgIdentifier?.PURL ?? ''),
    location: item.Class === 'lang-pkgs' ? placeOf(entry.PkgPath, item.Target) : null,
    installed: entry.InstalledVersion,
    fixedIn: entry.FixedVersion || null,
    severity: severityOf(entry.Severity),
    severitySource: entry.SeveritySource || null,
    title: entry.Title || firstSentence(entry.Description ?? ''),
    url: entry.PrimaryURL || null,
  };
}

function placeOf(path: string | null | undefined, target: string): string | null {
  if (path) return path;
  return target === '' || GATHERED.has(target) ? null : target;
}

function firstSentence(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length <= 200 ? line : `${line.slice(0, 199).toWellFormed()}…`;
}
