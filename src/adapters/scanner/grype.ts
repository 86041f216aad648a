import type { CompleteSbom } from '../../assess/sbom/complete-sbom.ts';
import { OS_PACKAGE_TYPES } from '../../assess/sbom/sbom.ts';
import { writeCycloneDx } from '../../assess/sbom/write-cyclonedx.ts';
import type { ScannerIdentity } from '../../assess/scan.ts';
import { type Scanner, ScannerError, type ScannerReport, type ScanSubject } from '../../assess/scanner.ts';
import { canonicalName } from '../../domain/image-reference.ts';
import { type ScannerVariables, scannerEnvironment, withRegistryAccess } from './environment.ts';
import {
  databaseDate,
  fromGrypeMatches,
  type GrypeReport,
  grypeDatabaseSchema,
  grypeReportSchema,
  grypeVersionSchema,
  reportedImage,
} from './grype-report.ts';
import type { ProgramScannerOptions } from './program-options.ts';
import { readJson } from './read-json.ts';
import { Turns } from './turns.ts';
import { type Workspace, withWorkspace } from './workspace.ts';

const VARIABLES: ScannerVariables = {
  prefixes: ['GRYPE_', 'SYFT_'],
  withheld: [
    'GRYPE_FILE',
    'GRYPE_OUTPUT',
    'GRYPE_OUTPUT_TEMPLATE_FILE',
    'GRYPE_PLATFORM',
    'GRYPE_FAIL_ON_SEVERITY',
    'GRYPE_QUIET',
    'SYFT_PLATFORM',
  ],
};

/**
 * Grype as a scanner of SBOMs and of images in a registry. The database is updated at most once a job, by
 * {@link Scanner.prepare}; GRYPE_DB_AUTO_UPDATE=false forbids that, too. Version and database of every report are the
 * report's own. Grype does not list packages: an SBOM must give them.
 */
export class GrypeScanner implements Scanner {
  readonly name = 'grype';
  readonly #options: ProgramScannerOptions;
  /** An image scan may take a gigabyte of memory; one of an SBOM a tenth. */
  readonly #images = new Turns(2);
  readonly #sboms = new Turns(4);

  constructor(options: ProgramScannerOptions) {
    this.#options = options;
  }

  prepare(signal: AbortSignal): Promise<ScannerIdentity> {
    return withWorkspace(async (workspace) => {
      if (!/^(?:0|f|false)$/i.test(this.#options.env['GRYPE_DB_AUTO_UPDATE'] ?? '')) {
        await this.#quietly(['db', 'update'], workspace, signal);
      }
      const version = await this.#quietly(['version', '--output', 'json'], workspace, signal);
      const database = await this.#quietly(['db', 'status', '--output', 'json'], workspace, signal);
      return {
        name: 'grype',
        version:
          version === null ? 'unknown' : readOr(version, grypeVersionSchema, { version: 'unknown' }).version,
        database:
          database === null ? null : (readOr(database, grypeDatabaseSchema, { built: null }).built ?? null),
      };
    });
  }

  scanSbom(sbom: CompleteSbom, subject: ScanSubject, signal: AbortSignal): Promise<ScannerReport> {
    return this.#sboms.take(() => this.#scanSbom(sbom, subject, signal));
  }

  #scanSbom(sbom: CompleteSbom, subject: ScanSubject, signal: AbortSignal): Promise<ScannerReport> {
    return withWorkspace(async (workspace) => {
      const text = writeCycloneDx(sbom, { name: canonicalName(subject), digest: subject.digest });
      const path = await workspace.write('sbom.cdx.json', text);
      const report = await this.#scan(`sbom:${path}`, this.#environment(workspace), workspace, signal);
      const needsDistribution = sbom.packages.some((item) => OS_PACKAGE_TYPES.has(item.type));
      if (needsDistribution && !report.distro?.name) throw unrecognised();
      refuseUnknownDistribution(report);
      return toReport(report, sbom.packages, sbom.os);
    });
  }

  readonly scanImage = (subject: ScanSubject, signal: AbortSignal): Promise<ScannerReport> =>
    this.#images.take(() => this.#scanImage(subject, signal));

  #scanImage(subject: ScanSubject, signal: AbortSignal): Promise<ScannerReport> {
    return withWorkspace(async (workspace) => {
      const access = await this.#options.access(subject);
      const env = await withRegistryAccess(this.#environment(workspace), access, workspace);
      if (access.plainHttp) env['GRYPE_REGISTRY_INSECURE_USE_HTTP'] = 'true';
      const report = await this.#scan(`registry:${access.reference}`, env, workspace, signal);
      const said = reportedImage(report);
      if (!isAbout(report, subject)) {
        throw new ScannerError({
          code: 'wrong-subject',
          message: `grype reported on ${said.manifest ?? said.image ?? said.input ?? 'no image'} instead of ${subject.digest}`,
        });
      }
      // Without a distribution only language packages were looked up; whether there were any, Grype does not say.
      if (report.matches.length === 0 && !report.distro?.name) throw unrecognised();
      refuseUnknownDistribution(report);
      return toReport(report, null, osOf(report));
    });
  }

  async #scan(
    source: string,
    env: Record<string, string>,
    workspace: Workspace,
    signal: AbortSignal,
  ): Promise<GrypeReport> {
    const { stdout } = await this.#options.run({
      file: this.#options.file,
      args: ['--output', 'json', '--', source],
      env,
      cwd: workspace.folder,
      timeoutMs: this.#options.timeoutMs,
      maxOutputBytes: this.#options.maxOutputBytes,
      signal,
    });
    return readJson('grype', stdout, grypeReportSchema);
  }

  /** A preparation that may fail: a scan that cannot work says so itself. Null where it failed. */
  async #quietly(args: readonly string[], workspace: Workspace, signal: AbortSignal): Promise<string | null> {
    try {
      const { stdout } = await this.#options.run({
        file: this.#options.file,
        args,
        env: this.#environment(workspace),
        cwd: workspace.folder,
        timeoutMs: args[0] === 'db' ? this.#options.timeoutMs : Math.min(30_000, this.#options.timeoutMs),
        maxOutputBytes: 1024 * 1024,
        signal,
      });
      return stdout;
    } catch (error) {
      if (error instanceof ScannerError && error.code === 'failed') return null;
      throw error;
    }
  }

  #environment(workspace: Workspace): Record<string, string> {
    return {
      ...scannerEnvironment(this.#options.env, VARIABLES, workspace),
      GRYPE_DB_AUTO_UPDATE: 'false',
      GRYPE_CHECK_FOR_APP_UPDATE: 'false',
    };
  }
}

/** By either digest, or what it says it was asked for. A report that names no digest does not contradict. */
function isAbout(report: GrypeReport, subject: ScanSubject): boolean {
  const said = reportedImage(report);
  if (said.manifest === subject.digest || said.image === subject.configDigest) return true;
  if (said.input?.includes(subject.digest)) return true;
  return said.manifest === null && said.image === null && !said.input?.includes('@sha256:');
}

function toReport(
  report: GrypeReport,
  packages: ScannerReport['packages'],
  os: ScannerReport['os'],
): ScannerReport {
  return {
    scanner: { name: 'grype', version: report.descriptor.version, database: databaseDate(report) },
    findings: fromGrypeMatches(report),
    packages,
    os,
  };
}

function osOf(report: GrypeReport): ScannerReport['os'] {
  const { distro } = report;
  return distro?.name ? { id: distro.name.toLowerCase(), version: distro.version ?? '' } : null;
}

/** Distributions Grype has had no advisories of: that it found nothing in their packages means nothing. */
const WITHOUT_ADVISORIES = /^(?:fedora|gentoo|photon|opensuse|opensuse-.*|void|slackware|nixos|openwrt)$/;

function refuseUnknownDistribution(report: GrypeReport): void {
  const name = report.distro?.name?.toLowerCase() ?? '';
  if (
    !WITHOUT_ADVISORIES.test(name) ||
    report.matches.some(({ artifact }) => OS_PACKAGE_TYPES.has(artifact.type))
  )
    return;
  const message = `grype has no vulnerability data for ${name}, so finding none means nothing`;
  throw new ScannerError({ code: 'nothing-recognised', message });
}

function unrecognised(): ScannerError {
  return new ScannerError({
    code: 'nothing-recognised',
    message: 'grype did not recognise the distribution, so its packages were not checked',
  });
}

function readOr<Schema extends Parameters<typeof readJson>[2], Fallback>(
  text: string,
  schema: Schema,
  fallback: Fallback,
): ReturnType<typeof readJson<Schema>> | Fallback {
  try {
    return readJson<Schema>('grype', text, schema);
  } catch (error) {
    if (error instanceof ScannerError && error.code === 'malformed-output') return fallback;
    throw error;
  }
}
