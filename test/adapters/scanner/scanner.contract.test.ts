import { GrypeScanner } from '../../../src/adapters/scanner/grype.ts';
import { type HttpRequest, OsvScanner } from '../../../src/adapters/scanner/osv.ts';
import { SCANNERS } from '../../../src/adapters/scanner/scanners.ts';
import { TrivyScanner } from '../../../src/adapters/scanner/trivy.ts';
import { ScannerError } from '../../../src/assess/scanner.ts';
import { KNOWN, KNOWN_PACKAGE, type ScannerSituation, scannerContract } from '../../contract/scanner.ts';
import { FakeScanner } from '../../support/fake-scanner.ts';
import { finding } from '../../support/findings.ts';
import { memoryOsvCache } from '../../support/memory-cache.ts';
import {
  type Answer,
  DEBIAN_MATCH,
  type FakeProgram,
  fails,
  GRYPE,
  grype,
  options,
  print,
  REPORT,
  sbom,
  subject,
  trivy,
} from '../../support/scanner-programs.ts';
import { type StubProgram, stubProgram } from '../../support/stub-program.ts';

const [osPackages] = REPORT.Results;

/** A program in a situation: answering in this process, or a real one that must be stopped. */
async function program(
  make: (answer: Answer) => FakeProgram,
  answers: Readonly<Record<'finds' | 'clean' | 'unrecognised', unknown>>,
  situation: ScannerSituation,
): Promise<FakeProgram | StubProgram> {
  switch (situation) {
    case 'garbage':
      return make(() => '{"SchemaVersion":');
    case 'failing':
      return make(() => fails('FATAL broken'));
    case 'hanging':
      return stubProgram('scanner', 'setInterval(() => undefined, 1000)');
    default:
      return make(print(answers[situation]));
  }
}

scannerContract('Trivy', {
  row: SCANNERS.trivy,
  sbomIn: () => sbom,
  subject,
  open: async (situation) => {
    const answers = {
      finds: REPORT,
      clean: { ...REPORT, Results: [{ ...osPackages, Vulnerabilities: [] }] },
      unrecognised: { ...REPORT, Metadata: { ImageID: REPORT.Metadata.ImageID } },
    };
    return new TrivyScanner(options(await program(trivy, answers, situation)));
  },
});

scannerContract('Grype', {
  row: SCANNERS.grype,
  sbomIn: () => sbom,
  subject,
  open: async (situation) => {
    const answers = {
      finds: { ...GRYPE, matches: [DEBIAN_MATCH] },
      clean: { ...GRYPE, matches: [] },
      unrecognised: { ...GRYPE, matches: [], distro: null },
    };
    return new GrypeScanner(options(await program(grype, answers, situation)));
  },
});

const VULNERABILITY = {
  id: `DEBIAN-${KNOWN}`,
  modified: '2026-11-01T00:00:00Z',
  upstream: [KNOWN],
  affected: [
    {
      package: { ecosystem: 'Debian:12', name: 'openssl' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '3.0.13-1' }] }],
    },
  ],
};

/** OSV.dev as it answers in a situation. */
function osvAnswers(situation: ScannerSituation): HttpRequest {
  return async ({ method, signal }) => {
    if (situation === 'garbage') return { status: 200, text: '<html>' };
    if (situation === 'failing') return { status: 503, text: '' };
    if (situation === 'hanging') {
      return new Promise((_, reject) => {
        const aborted = () => reject(new ScannerError({ code: 'aborted', message: 'it was stopped' }));
        signal.addEventListener('abort', aborted, { once: true });
      });
    }
    const { id, modified } = VULNERABILITY;
    const vulns = situation === 'finds' ? [{ id, modified }] : [];
    const document = method === 'POST' ? { results: [{ vulns }] } : VULNERABILITY;
    return { status: 200, text: JSON.stringify(document) };
  };
}

scannerContract('OSV.dev', {
  row: SCANNERS.osv,
  // The service does not say what it does not know: the adapter asks only about distributions that it does.
  sbomIn: (situation) =>
    situation === 'unrecognised' ? { ...sbom, os: { id: 'photon', version: '5.0' } } : sbom,
  subject,
  open: async (situation) =>
    new OsvScanner({ http: osvAnswers(situation), cache: memoryOsvCache(), baseUrl: 'https://api.osv.dev' }),
});

scannerContract('The fake', {
  row: null,
  sbomIn: () => sbom,
  subject,
  open: async (situation) => {
    const found = situation === 'finds' ? [finding(KNOWN, KNOWN_PACKAGE)] : [];
    const scanner = new FakeScanner(() => found);
    const codes = {
      unrecognised: 'nothing-recognised',
      garbage: 'malformed-output',
      failing: 'failed',
    } as const;
    const code = situation in codes ? codes[situation as keyof typeof codes] : null;
    scanner.sbomFault = code;
    scanner.imageFault = code;
    scanner.hangs = situation === 'hanging';
    return scanner;
  },
});
