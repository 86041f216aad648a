import { compareText } from '../../domain/text.ts';

const LEDGER_NAME = 'BASE_IMAGE_DIGESTS.md';

export type LedgerLocation = {
  readonly path: string;
  readonly exists: boolean;
  /** One sentence for a person where there was a choice. */
  readonly note: string | null;
};

/**
 * Where the ledger is, or is to be: the configured path; else the file named `BASE_IMAGE_DIGESTS.md` wherever it is, the
 * one nearest to the root and then first by name where there are several; else that name at the root.
 */
export function locateLedger(paths: Iterable<string>, configured: string | null): LedgerLocation {
  const found: string[] = [];
  for (const path of paths) {
    if (configured !== null ? path === configured : isLedger(path)) found.push(path);
  }
  if (configured !== null) return { path: configured, exists: found.length > 0, note: null };
  found.sort((a, b) => depth(a) - depth(b) || compareText(a, b));
  const [first, ...others] = found;
  if (first === undefined) return { path: LEDGER_NAME, exists: false, note: null };
  const note =
    others.length === 0
      ? null
      : `several ledgers were found; ${first} is used, ${others.join(', ')} is ignored. Name one in the configuration`;
  return { path: first, exists: true, note };
}

function isLedger(path: string): boolean {
  return path === LEDGER_NAME || path.endsWith(`/${LEDGER_NAME}`);
}

function depth(path: string): number {
  return path.split('/').length;
}
