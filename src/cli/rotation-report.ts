import { isScanned } from '../assess/diff/scan-diff.ts';
import type { FileChange } from '../discover/tree.ts';
import { shortDigest } from '../domain/digest.ts';
import { familiarName } from '../domain/image-reference.ts';
import type { Pass } from '../pass/pass.ts';
import { allChanges } from '../pass/rotate.ts';
import type { Rotation } from '../plan/plan.ts';
import { scanSummaryLine } from '../plan/scan-diff/summary-line.ts';
import type { ReasonCode } from '../policy/verdict.ts';
import type { Io } from './io.ts';
import { type Cell, columns, count, type Paint, paint, printable } from './text.ts';

/** What a person reads after `pinwheel rotate`: the decision for each image, the diff, what stands in the way. */
export async function rotationReport(
  pass: Pass,
  mode: 'check' | 'write' | 'preview',
  io: Io,
): Promise<string> {
  const painter = paint(io.color);
  const { plan } = pass;
  const changes = allChanges(pass);
  const parts: string[] = [];
  if (plan.rotations.length > 0) {
    parts.push(columns(plan.rotations.map((rotation) => rotationRow(rotation, painter))), '');
  }
  // Where nothing is known of the findings, the row says why.
  const scans = pass.answers.flatMap(({ scan }) => (scan && isScanned(scan) ? [scan] : []));
  for (const scan of scans) {
    const name = `${familiarName(scan.image)}${scan.tag === null ? '' : `:${scan.tag}`}`;
    parts.push(printable(`${name}  ${scanSummaryLine(scan)}`));
  }
  if (scans.length > 0) parts.push('');
  const disagreements = plan.rotations.flatMap((rotation) =>
    rotation.reasons.filter((reason) => reason.code === 'disagreement'),
  );
  for (const note of [...disagreements.map(({ message }) => message), ...pass.notes]) {
    parts.push(`${painter.yellow('note')}: ${printable(note)}`);
  }

  if (changes.length > 0) {
    const { fileDiff } = await import('./file-diff.ts');
    const text = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    for (const { path, before, bytes } of changes) {
      parts.push(fileDiff(path, before === null ? null : text(before), text(bytes), io));
    }
  }
  for (const note of plan.ledger?.notes ?? []) parts.push(`${painter.yellow('note')}: ${printable(note)}`);
  for (const failure of plan.failures) {
    const again = failure.temporary ? painter.dim(' (try again later)') : '';
    parts.push(
      `${painter.red('failed')}: ${printable(failure.subject)}: ${printable(failure.message)}${again}`,
    );
  }
  parts.push(painter.bold(summary(pass, changes, mode)));
  return `${parts.join('\n')}\n`;
}

function rotationRow(rotation: Rotation, painter: Paint): readonly Cell[] {
  const shades = { rotate: painter.green, current: painter.dim, hold: painter.yellow, block: painter.red };
  const name = `${familiarName(rotation.image)}:${rotation.image.tag}`;
  const from = rotation.from === null ? 'not pinned' : shortDigest(rotation.from);
  const isCurrent = rotation.verdict === 'current';
  return [
    { text: rotation.verdict, paint: shades[rotation.verdict] },
    { text: name, paint: isCurrent ? painter.dim : painter.bold },
    {
      text: isCurrent ? from : `${from} → ${shortDigest(rotation.to)}`,
      paint: isCurrent ? painter.dim : painter.cyan,
    },
    { text: count(rotation.sites.length, 'place'), paint: painter.dim },
    { text: isCurrent ? '' : remark(rotation), paint: painter.dim },
  ];
}

/** What the row itself says, and what stands below as a note. */
const SAID_ELSEWHERE: ReadonlySet<ReasonCode> = new Set([
  'newer-digest',
  'first-pin',
  'disagreement',
  'tag-kept',
]);

/** Why, where nothing else says it. */
function remark({ reasons }: Rotation): string {
  return reasons
    .filter(({ code }) => !SAID_ELSEWHERE.has(code))
    .map(({ message }) => message)
    .join('; ');
}

function summary(
  { plan }: Pass,
  changes: readonly FileChange[],
  mode: 'check' | 'write' | 'preview',
): string {
  const failures = plan.failures.length > 0 ? `; ${count(plan.failures.length, 'failure')}` : '';
  if (changes.length === 0) {
    if (plan.failures.length > 0) return `Nothing was changed${failures}.`;
    if (plan.rotations.length > 0) return 'Nothing to change.';
    return 'No pinned base image found (pinwheel scan lists what is named here; --pin pins it).';
  }
  const moved = plan.rotations.filter((rotation) => rotation.verdict === 'rotate').length;
  const what = `${count(moved, 'image')} in ${count(changes.length, 'file')}`;
  if (mode === 'write') return `Moved ${what}${failures}.`;
  return `Would move ${what}${failures}.${mode === 'preview' ? ' Run pinwheel rotate --write to do it.' : ''}`;
}
