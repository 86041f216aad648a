import type { Digest } from '../domain/digest.ts';
import { familiarName, type TaggedImage, tagKey } from '../domain/image-reference.ts';
import type { LedgerEntry } from '../domain/ledger-entry.ts';
import type { CheckFinding, CheckSite } from './check.ts';

/** A pin as the files have it. */
export type PinInFiles = {
  readonly image: TaggedImage;
  readonly digest: Digest;
  readonly sites: readonly CheckSite[];
};

/** The ledger as it stands. */
export type LedgerInFile = {
  readonly path: string;
  /** Null: there is no such file. */
  readonly text: string | null;
  readonly entries: readonly LedgerEntry[];
};

const MEND = 'Fix: pinwheel ledger --write';

/**
 * Where ledger and files disagree: a pin without a row, a row without a pin, a row that names other files. What only
 * ages (dates, status) is no disagreement. Every finding is a violation. Pure.
 */
export function checkLedger(pins: readonly PinInFiles[], ledger: LedgerInFile): readonly CheckFinding[] {
  const rows = new Map(ledger.entries.map((entry) => [keyOf(entry), entry]));
  const inFiles = new Map(pins.map((pin) => [keyOf(pin), pin]));
  const findings: CheckFinding[] = [];
  for (const pin of pins) {
    const row = rows.get(keyOf(pin));
    const name = `${familiarName(pin.image)}:${pin.image.tag}`;
    if (row === undefined) {
      const what =
        ledger.text === null ? `there is no ledger ${ledger.path}` : `${ledger.path} has no row for it`;
      const message = `${name} is pinned to ${pin.digest}, but ${what}. ${MEND}`;
      findings.push(...pin.sites.map((site) => finding(pin.image, site.file, site.line, message)));
      continue;
    }
    const files = [...new Set(pin.sites.map((site) => site.file))].sort();
    // A hand-written table may do without that column.
    if (row.usedIn.length > 0 && files.join('\n') !== [...row.usedIn].sort().join('\n')) {
      const message = `the row of ${name} names ${list(row.usedIn)}, but it is pinned in ${list(files)}. ${MEND}`;
      findings.push(finding(pin.image, ledger.path, lineOf(ledger, row), message));
    }
  }
  for (const row of ledger.entries) {
    if (inFiles.has(keyOf(row))) continue;
    const message = `the row of ${familiarName(row.image)}:${row.image.tag} at ${row.digest} belongs to no pin. ${MEND}`;
    findings.push(finding(row.image, ledger.path, lineOf(ledger, row), message));
  }
  return findings;
}

function keyOf(pin: { readonly image: TaggedImage; readonly digest: Digest }): string {
  return `${tagKey(pin.image)}@${pin.digest}`;
}

/** The line, from 1, of the row; the first one where none names the digest. */
function lineOf(ledger: LedgerInFile, row: LedgerEntry): number {
  const lines = (ledger.text ?? '').split(/\r\n|\r|\n/);
  const named = lines.findIndex((line) => line.includes(row.digest) && line.includes(row.image.tag));
  const index = named >= 0 ? named : lines.findIndex((line) => line.includes(row.digest));
  return Math.max(0, index) + 1;
}

function finding(image: TaggedImage, file: string, line: number, message: string): CheckFinding {
  return { rule: 'ledger', level: 'violation', image: tagKey(image), file, line, message };
}

function list(files: readonly string[]): string {
  return files.length === 0 ? 'no file' : files.join(', ');
}
