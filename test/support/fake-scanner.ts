import { once } from 'node:events';
import type { Finding, ScannerIdentity } from '../../src/assess/scan.ts';
import {
  type Scanner,
  ScannerError,
  type ScannerErrorCode,
  type ScannerReport,
  type ScanSubject,
} from '../../src/assess/scanner.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { debian } from './findings.ts';

/** The version and database of a {@link FakeScanner}. */
export const FAKE_IDENTITY: ScannerIdentity = {
  name: 'trivy',
  version: '0.68.2',
  database: '2026-11-01T06:00:00Z',
};

/** A scanner that knows images by their digest, and keeps what it was asked. */
export class FakeScanner implements Scanner {
  readonly name = 'trivy';
  /** How each scan read the image. */
  readonly scans: ('sbom' | 'image')[] = [];
  readonly subjects: ScanSubject[] = [];
  readonly #findings: (digest: Digest) => readonly Finding[];
  /** Who reports of the next scans say made them; {@link FAKE_IDENTITY} where there are no more. */
  identities: ScannerIdentity[] = [];
  sbomFault: ScannerErrorCode | null = null;
  imageFault: ScannerErrorCode | null = null;
  /** Answers nothing until it is stopped. */
  hangs = false;
  scanImage: Scanner['scanImage'] = async (subject, signal) =>
    this.#scan('image', subject, this.imageFault, signal);

  /** Findings by digest, none for a digest that is not there. */
  constructor(
    findings: Readonly<Record<string, readonly Finding[]>> | ((digest: Digest) => readonly Finding[]),
  ) {
    this.#findings = typeof findings === 'function' ? findings : (digest) => findings[digest] ?? [];
  }

  async prepare(): Promise<ScannerIdentity> {
    return FAKE_IDENTITY;
  }

  async scanSbom(_sbom: unknown, subject: ScanSubject, signal: AbortSignal): Promise<ScannerReport> {
    return this.#scan('sbom', subject, this.sbomFault, signal);
  }

  async #scan(
    how: 'sbom' | 'image',
    subject: ScanSubject,
    fault: ScannerErrorCode | null,
    signal: AbortSignal,
  ): Promise<ScannerReport> {
    this.scans.push(how);
    this.subjects.push(subject);
    if (this.hangs && !signal.aborted) await once(signal, 'abort');
    const code = signal.aborted ? 'aborted' : fault;
    if (code !== null) throw new ScannerError({ code, message: `the scanner said ${code}` });
    const scanner = this.identities.shift() ?? FAKE_IDENTITY;
    return {
      scanner,
      findings: this.#findings(subject.digest),
      packages: [debian('tar', '1')],
      os: { id: 'debian', version: '12' },
    };
  }
}
