/**
 * The scanners there are, and the operator's variable that says where each is: a program's file, or a service's address.
 * Everything else about one is its row in `src/adapters/scanner/scanners.ts`; without that the types do not fit.
 */
export const SCANNER_VARIABLES = {
  trivy: 'PINWHEEL_TRIVY',
  grype: 'PINWHEEL_GRYPE',
  osv: 'PINWHEEL_OSV_URL',
} as const;

export type ScannerName = keyof typeof SCANNER_VARIABLES;

/** Every scanner, in the order in which `auto` tries those that are programs. */
export const SCANNER_NAMES = Object.keys(SCANNER_VARIABLES) as readonly ScannerName[];

/** Which scanner to use: `auto` takes the first program that is installed; `none` compares packages only. */
export type ScannerChoice = 'auto' | ScannerName | 'none';

export const SCANNER_CHOICES: readonly ScannerChoice[] = ['auto', ...SCANNER_NAMES, 'none'];
