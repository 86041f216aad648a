import { join } from 'node:path';
import type { Scanner } from '../../assess/scanner.ts';
import type { ScannerName } from '../../domain/scanner-name.ts';
import type { ProgramScannerOptions } from './program-options.ts';

/** What a scanner that is a service is opened with. */
export type ServiceScannerOptions = {
  readonly baseUrl: string;
  /** Where its answers are kept; losing them costs requests only. */
  readonly cacheFolder: string;
};

/** One scanner: how it is found and opened, and what docs/scanning.md says of it. */
export type ScannerRow = {
  /** Its name for people. */
  readonly title: string;
  readonly home: string;
  /** Which versions, in words behind the title; null for all. */
  readonly versions: string | null;
  readonly reads: readonly ('SBOMs' | 'images')[];
  readonly note: string;
  /**
   * Whether it dates its database. Reports are kept by image, version and database (`scanCacheKey`); without a date
   * nothing says when one is outdated, so none is kept.
   */
  readonly database: 'dated' | 'undated';
} & (
  | {
      readonly kind: 'program';
      /** Loads the adapter, which runs the program and reads its report. */
      readonly open: (options: ProgramScannerOptions) => Promise<Scanner>;
    }
  | {
      readonly kind: 'service';
      /** Where it is, unless the operator's variable says otherwise. */
      readonly baseUrl: string;
      readonly open: (options: ServiceScannerOptions) => Promise<Scanner>;
    }
);

/**
 * Every scanner. Selection, the choices of configuration and command line, and the table of docs/scanning.md follow from
 * this. To add one: its name in `src/domain/scanner-name.ts`, its adapter beside this file, its row here, and a run of
 * `test/contract/scanner.ts`.
 */
export const SCANNERS: Readonly<Record<ScannerName, ScannerRow>> = {
  trivy: {
    kind: 'program',
    title: 'Trivy',
    home: 'https://trivy.dev',
    versions: '0.57 or newer',
    reads: ['SBOMs', 'images'],
    note: 'tried first',
    database: 'dated',
    open: async (options) => new (await import('./trivy.ts')).TrivyScanner(options),
  },
  grype: {
    kind: 'program',
    title: 'Grype',
    home: 'https://github.com/anchore/grype',
    versions: null,
    reads: ['SBOMs', 'images'],
    note: 'does not list packages',
    database: 'dated',
    open: async (options) => new (await import('./grype.ts')).GrypeScanner(options),
  },
  osv: {
    kind: 'service',
    title: 'OSV.dev',
    home: 'https://osv.dev',
    versions: null,
    reads: ['SBOMs'],
    note: 'nothing to install; sends names and versions of packages',
    database: 'undated',
    baseUrl: 'https://api.osv.dev',
    open: async ({ baseUrl, cacheFolder }) => {
      const [{ OsvScanner }, { osvHttp }, { fileOsvCache }] = await Promise.all([
        import('./osv.ts'),
        import('./osv-http.ts'),
        import('./file-cache.ts'),
      ]);
      return new OsvScanner({ baseUrl, http: osvHttp(), cache: fileOsvCache(join(cacheFolder, 'osv')) });
    },
  },
};

const SCANNER_ENTRIES = Object.entries(SCANNERS) as readonly (readonly [ScannerName, ScannerRow])[];

/** What `auto` stands for, in words: `trivy, else grype`. */
export const AUTO_ORDER: string = SCANNER_ENTRIES.filter(([, row]) => row.kind === 'program')
  .map(([name]) => name)
  .join(', else ');
