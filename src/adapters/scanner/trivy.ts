import type * as v from 'valibot';
import type { CompleteSbom } from '../../assess/sbom/complete-sbom.ts';
import { OS_PACKAGE_TYPES } from '../../assess/sbom/sbom.ts';
import { writeCycloneDx } from '../../assess/sbom/write-cyclonedx.ts';
import type { Package, ScannerIdentity } from '../../assess/scan.ts';
import { type Scanner, ScannerError, type ScannerReport, type ScanSubject } from '../../assess/scanner.ts';
import { canonicalName } from '../../domain/image-reference.ts';
import { type ScannerVariables, scannerEnvironment, withRegistryAccess } from './environment.ts';
import type { ProgramScannerOptions } from './program-options.ts';
import { readJson } from './read-json.ts';
import {
  contradicts,
  fromTrivyReport,
  type TrivyReport,
  trivyReportSchema,
  trivyVersionSchema,
} from './trivy-report.ts';
import { Turns } from './turns.ts';
import { type Workspace, withWorkspace } from './workspace.ts';

const VARIABLES: ScannerVariables = {
  prefixes: ['TRIVY_'],
  withheld: [
    'TRIVY_INPUT',
    'TRIVY_OUTPUT',
    'TRIVY_FORMAT',
    'TRIVY_TEMPLATE',
    'TRIVY_PLATFORM',
    'TRIVY_COMPLIANCE',
    'TRIVY_REPORT',
    'TRIVY_QUIET',
    'TRIVY_EXIT_ON_EOL',
    'TRIVY_GENERATE_DEFAULT_CONFIG',
  ],
};

const ALL_SEVERITIES = 'UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL';

/** Flags that fix what a report means, whatever the operator's TRIVY_ variables say. */
const REPORT_FLAGS: readonly string[] = [
  '--format',
  'json',
  '--list-all-pkgs',
  '--severity',
  ALL_SEVERITIES,
  '--exit-code',
  '0',
  '--no-progress',
  '--skip-db-update',
  '--offline-scan',
  '--scanners',
  'vuln',
];

/**
 * Trivy (0.57 or newer) as a scanner of SBOMs and of images in a registry. The database is updated at most once a job,
 * by {@link Scanner.prepare}; scans never update it. TRIVY_SKIP_DB_UPDATE and TRIVY_OFFLINE_SCAN forbid that, too.
 */
export class TrivyScanner implements Scanner {
  readonly name = 'trivy';
  readonly #options: ProgramScannerOptions;
  /** An image scan may take a gigabyte of memory; one of an SBOM a tenth. */
  readonly #images = new Turns(2);
  readonly #sboms = new Turns(4);
  #identity: ScannerIdentity | null = null;

  constructor(options: ProgramScannerOptions) {
    this.#options = options;
  }

  async prepare(signal: AbortSignal): Promise<ScannerIdentity> {
    return withWorkspace(async (workspace) => {
      const before = await this.#version(workspace, signal);
      const outdated = before.next === null || before.next <= this.#options.now().toISOString();
      if (outdated && !this.#mayNotUpdate()) await this.#update(workspace, signal, before.present);
      const after = outdated ? await this.#version(workspace, signal) : before;
      this.#identity = { name: 'trivy', version: after.version, database: after.database };
      return this.#identity;
    });
  }

  scanSbom(sbom: CompleteSbom, subject: ScanSubject, signal: AbortSignal): Promise<ScannerReport> {
    return this.#sboms.take(() => this.#scanSbom(sbom, subject, signal));
  }

  #scanSbom(sbom: CompleteSbom, subject: ScanSubject, signal: AbortSignal): Promise<ScannerReport> {
    return withWorkspace(async (workspace) => {
      const text = writeCycloneDx(sbom, { name: canonicalName(subject), digest: subject.digest });
      const path = await workspace.write('sbom.cdx.json', text);
      const { report, log } = await this.#scan(
        ['sbom', ...REPORT_FLAGS, '--', path],
        this.#environment(workspace),
        workspace,
        signal,
      );
      const scanned = fromTrivyReport(report, await this.#known(signal), log);
      const [expected, recognised] = [osPackageNames(sbom.packages), osPackageNames(scanned.packages ?? [])];
      if (recognised.size < expected.size) {
        throw new ScannerError({
          code: 'nothing-recognised',
          message: `trivy recognised ${recognised.size} of the ${expected.size} packages of the distribution in the attached SBOM`,
        });
      }
      return scanned;
    });
  }

  readonly scanImage = (subject: ScanSubject, signal: AbortSignal): Promise<ScannerReport> =>
    this.#images.take(() => this.#scanImage(subject, signal));

  #scanImage(subject: ScanSubject, signal: AbortSignal): Promise<ScannerReport> {
    return withWorkspace(async (workspace) => {
      const access = await this.#options.access(subject);
      const env = await withRegistryAccess(this.#environment(workspace), access, workspace);
      // Trivy keeps layers in a file that one process locks; ours are needed once.
      const cache = env['TRIVY_CACHE_BACKEND'] === undefined ? ['--cache-backend', 'memory'] : [];
      const insecure = access.plainHttp ? ['--insecure'] : [];
      const args = [
        'image',
        ...REPORT_FLAGS,
        '--image-src',
        'remote',
        ...cache,
        ...insecure,
        '--',
        access.reference,
      ];
      const { report, log } = await this.#scan(args, env, workspace, signal);
      const other = contradicts(report, subject);
      if (other !== null) {
        const message = `trivy reported on ${other} instead of ${subject.digest}`;
        throw new ScannerError({ code: 'wrong-subject', message });
      }
      return fromTrivyReport(report, await this.#known(signal), log);
    });
  }

  async #scan(
    args: readonly string[],
    env: Record<string, string>,
    workspace: Workspace,
    signal: AbortSignal,
  ): Promise<{ readonly report: TrivyReport; readonly log: string }> {
    // Trivy gives up by itself when nobody is left to stop it.
    const seconds = Math.ceil(this.#options.timeoutMs / 1000) + 5;
    const [command = '', ...rest] = args;
    const { stdout, stderr } = await this.#options.run({
      file: this.#options.file,
      args: [command, '--timeout', `${seconds}s`, ...rest],
      env,
      cwd: workspace.folder,
      timeoutMs: this.#options.timeoutMs,
      maxOutputBytes: this.#options.maxOutputBytes,
      signal,
    });
    return { report: readJson('trivy', stdout, trivyReportSchema), log: stderr };
  }

  /** What it says of itself. One that cannot say it may scan all the same, and where it cannot, the scan tells why. */
  async #version(workspace: Workspace, signal: AbortSignal) {
    const said = await this.#sayVersion(workspace, signal);
    const read = said === null ? {} : readVersion(said);
    return {
      version: read.Version || 'unknown',
      // Who does not say its version does not say that it has no database either.
      present: !read.Version || Boolean(read.VulnerabilityDB),
      database: instant(read.VulnerabilityDB?.UpdatedAt) ?? instant(read.VulnerabilityDB?.DownloadedAt),
      next: instant(read.VulnerabilityDB?.NextUpdate),
    };
  }

  async #sayVersion(workspace: Workspace, signal: AbortSignal): Promise<string | null> {
    try {
      const { stdout } = await this.#options.run({
        file: this.#options.file,
        args: ['version', '--format', 'json'],
        env: this.#environment(workspace),
        cwd: workspace.folder,
        timeoutMs: Math.min(30_000, this.#options.timeoutMs),
        maxOutputBytes: 1024 * 1024,
        signal,
      });
      return stdout;
    } catch (error) {
      if (error instanceof ScannerError && error.code === 'failed') return null;
      throw error;
    }
  }

  /** An outdated database is still a database: both sides are judged by the same, and its date is shown. */
  async #update(workspace: Workspace, signal: AbortSignal, hasOne: boolean): Promise<void> {
    try {
      await this.#options.run({
        file: this.#options.file,
        args: ['image', '--download-db-only', '--no-progress'],
        env: this.#environment(workspace),
        cwd: workspace.folder,
        timeoutMs: this.#options.timeoutMs,
        maxOutputBytes: 1024 * 1024,
        signal,
      });
    } catch (error) {
      if (!(error instanceof ScannerError) || error.code !== 'failed') throw error;
      if (hasOne) return;
      const message = `trivy has no vulnerability database and could not download one: ${error.message}`;
      throw new ScannerError({ code: 'no-database', message, temporary: true, cause: error });
    }
  }

  #mayNotUpdate(): boolean {
    const { env } = this.#options;
    return isTrue(env['TRIVY_SKIP_DB_UPDATE']) || isTrue(env['TRIVY_OFFLINE_SCAN']);
  }

  #environment(workspace: Workspace): Record<string, string> {
    return {
      ...scannerEnvironment(this.#options.env, VARIABLES, workspace),
      TRIVY_DISABLE_TELEMETRY: 'true',
      TRIVY_SKIP_VERSION_CHECK: 'true',
    };
  }

  async #known(signal: AbortSignal): Promise<ScannerIdentity> {
    return this.#identity ?? this.prepare(signal);
  }
}

/** As JSON, or as a person reads it: `Version: 0.68.2`. */
function readVersion(text: string): v.InferOutput<typeof trivyVersionSchema> {
  try {
    return readJson('trivy version', text, trivyVersionSchema);
  } catch (error) {
    if (!(error instanceof ScannerError) || error.code !== 'malformed-output') throw error;
    const version = /\b\d{1,6}\.\d{1,6}\.\d{1,6}\b/.exec(text.slice(0, 4096))?.[0] ?? null;
    return { Version: version, VulnerabilityDB: {} };
  }
}

/** Go writes the year 1 where a time was never set. */
function instant(text: string | null | undefined): string | null {
  return !text || text.startsWith('0001-') ? null : text;
}

function osPackageNames(packages: readonly Package[]): ReadonlySet<string> {
  return new Set(packages.filter((item) => OS_PACKAGE_TYPES.has(item.type)).map((item) => item.name));
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(?:1|t|true)$/i.test(value);
}
