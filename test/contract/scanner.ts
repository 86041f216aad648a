import { describe, expect, it } from 'vitest';
import type { ScannerRow } from '../../src/adapters/scanner/scanners.ts';
import { SEVERITIES } from '../../src/assess/diff/scan-diff.ts';
import type { CompleteSbom } from '../../src/assess/sbom/complete-sbom.ts';
import {
  type Scanner,
  ScannerError,
  type ScannerReport,
  type ScanSubject,
  scanCacheKey,
} from '../../src/assess/scanner.ts';

/** What stands behind a scanner in a case of the suite. */
export type ScannerSituation =
  /** Finds {@link KNOWN} in {@link KNOWN_PACKAGE}. */
  | 'finds'
  /** Recognises everything and finds nothing. */
  | 'clean'
  /** Does not know the distribution, and finds nothing. */
  | 'unrecognised'
  /** Says something that is no report. */
  | 'garbage'
  /** Cannot scan. */
  | 'failing'
  /** Does not answer until it is stopped. */
  | 'hanging';

/** How a suite gets scanners. */
export type ScannerHarness = {
  /** The scanner's row; null for one that is no adapter. */
  readonly row: ScannerRow | null;
  sbomIn(situation: ScannerSituation): CompleteSbom;
  readonly subject: ScanSubject;
  open(situation: ScannerSituation): Promise<Scanner>;
};

/** The vulnerability that the situation `finds` is about, under any of its names, and the package that has it. */
export const KNOWN = 'CVE-2026-0001';
export const KNOWN_PACKAGE = 'libssl3';

type Scan = (signal?: AbortSignal) => Promise<ScannerReport>;

/** Codes of an answer that says nothing of the image. */
const UNKNOWN: readonly string[] = ['nothing-recognised', 'unsupported'];

/** What every {@link Scanner} does. Runs on each implementation. */
export function scannerContract(name: string, harness: ScannerHarness): void {
  const { subject } = harness;
  const idle = new AbortController().signal;
  /** The scans that a scanner in a situation offers. */
  const waysIn = async (situation: ScannerSituation, given?: Scanner): Promise<readonly Scan[]> => {
    const scanner = given ?? (await harness.open(situation));
    const { scanImage } = scanner;
    const bySbom = (signal = idle) => scanner.scanSbom(harness.sbomIn(situation), subject, signal);
    return scanImage === null ? [bySbom] : [bySbom, (signal = idle) => scanImage(subject, signal)];
  };
  const refusal = async (scan: Promise<ScannerReport>): Promise<ScannerError> => {
    const error: unknown = await scan.then(
      () => new Error('it reported'),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ScannerError);
    if (!(error instanceof ScannerError)) throw error;
    expect(error.message).toMatch(/\w{3}/);
    return error;
  };

  describe(`${name} as a scanner`, () => {
    it('reads what its row says, and dates its database as its row says', async () => {
      const scanner = await harness.open('clean');
      const identity = await scanner.prepare(idle);
      expect(identity.name).toBe(scanner.name);
      if (harness.row === null) return;
      const reads = scanner.scanImage === null ? ['SBOMs'] : ['SBOMs', 'images'];
      expect(harness.row.reads).toEqual(reads);
      const key = scanCacheKey(subject, 'sbom', identity);
      expect(key === null).toBe(harness.row.database === 'undated');
    });

    it('reports well-formed findings, made by the version and database it was prepared with', async () => {
      const scanner = await harness.open('finds');
      const identity = await scanner.prepare(idle);
      for (const scan of await waysIn('finds', scanner)) {
        const { findings, scanner: by, packages } = await scan();
        expect(by).toEqual(identity);
        const found = findings.find(({ id, aliases }) => id === KNOWN || aliases.includes(KNOWN));
        expect(found).toMatchObject({ package: KNOWN_PACKAGE, installed: '3.0.11-1' });
        for (const finding of findings) {
          expect(SEVERITIES).toContain(finding.severity);
          expect(finding.aliases).toEqual([...new Set(finding.aliases)].sort());
          expect(finding.aliases).not.toContain(finding.id);
          expect(finding.purl).not.toMatch(/[@?#]/);
          expect(finding.fixedIn).not.toBe('');
        }
        expect(packages?.every(({ name: item, version }) => item !== '' && version !== '') ?? true).toBe(
          true,
        );
      }
    });

    it('finds nothing only where it recognised what it scanned', async () => {
      for (const scan of await waysIn('clean')) expect((await scan()).findings).toEqual([]);
      for (const scan of await waysIn('unrecognised')) {
        expect(UNKNOWN).toContain((await refusal(scan())).code);
      }
    });

    it('does not believe what is no report', async () => {
      for (const scan of await waysIn('garbage')) {
        expect((await refusal(scan())).code).toBe('malformed-output');
      }
    });

    it('says that it failed', async () => {
      for (const scan of await waysIn('failing')) {
        expect(['failed', 'unavailable']).toContain((await refusal(scan())).code);
      }
    });

    it('stops when it is told to', async () => {
      for (const scan of await waysIn('hanging')) {
        const controller = new AbortController();
        const stopped = refusal(scan(controller.signal));
        controller.abort();
        expect((await stopped).code).toBe('aborted');
      }
    });

    it('scans the same image twice alike, also at once', async () => {
      for (const scan of await waysIn('finds')) {
        const [first, second] = await Promise.all([scan(), scan()]);
        expect(second).toEqual(first);
      }
    });
  });
}
