import type { LedgerEntry } from '../../domain/ledger-entry.ts';
import type { SourceSpan } from '../../domain/source-span.ts';
import { PlanError } from '../plan.ts';
import type { HandTable } from './hand-table.ts';

/** The ledger's file as it stands. */
export type LedgerDocument = {
  readonly path: string;
  /** The whole text, BOM and line ends kept; null where there is no file yet. */
  readonly text: string | null;
  readonly lineEnd: '\n' | '\r\n';
  /** From the start marker's first character to the end marker's last; null where there are no markers. */
  readonly block: SourceSpan | null;
  /** The rows between the markers. */
  readonly entries: readonly LedgerEntry[];
  /** Tables with an image and a digest column that people wrote, where there are no markers yet. */
  readonly tables: readonly HandTable[];
};

export const START_MARKER = '<!-- pinwheel:ledger:start -->';
export const END_MARKER = '<!-- pinwheel:ledger:end -->';

/** The error for a ledger that cannot be trusted: it names the line and is never overwritten. */
export function damaged(path: string, line: number, what: string): PlanError {
  return new PlanError({
    code: 'ledger-damaged',
    message: `${path}:${line}: ${what}; fix it, or delete the file to have it rebuilt. It was not changed`,
  });
}
