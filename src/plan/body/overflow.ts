import { details, fitSections, type Section } from '../../report/markdown.ts';
import type { Fold } from './report.ts';

export type BodyParts = {
  readonly head: string;
  readonly moves: Section;
  readonly verdicts: readonly string[];
  /** One line; empty for none. */
  readonly suggestion: string;
  readonly folds: readonly Fold[];
  readonly places: Fold;
  readonly sources: string;
  /** Always whole: the box, the help and the marker. */
  readonly tail: string;
};

const FOLD_COST = '<details><summary></summary>\n\n\n\n</details>\n\n'.length;
const NOTE_ROOM = 200;

/**
 * The strategy "folds first": head and tail always stand; then the table of moves, the verdicts, the suggestion, the
 * places, the upstream links and the folds are given room in that order, and each is cut by whole rows only, with a line
 * that says how much was left out. So what is lost first is the depth of the last fold, then whole folds, then places; the
 * table of moves is cut last. Never longer than `limit`, as long as head and tail fit.
 */
export function fitBody(parts: BodyParts, limit: number): string {
  let room = limit - parts.tail.length - parts.head.length - 8;
  const take = (text: string): string => {
    if (text === '') return '';
    room -= text.length + 2;
    return text;
  };
  const moves = take(fitSections([parts.moves], Math.max(0, room)));
  const verdicts = take(fitLines(parts.verdicts, Math.min(room - NOTE_ROOM, room / 2)));
  const suggestion = parts.suggestion.length + 2 < room / 4 ? take(parts.suggestion) : '';
  const sources = parts.sources.length + 2 < room / 4 ? take(parts.sources) : '';
  // Places are worth more than the tail of a long report, and less than all of it.
  const share = parts.folds.length === 0 ? room : Math.max(room / 3, 2000);
  const places = take(fitFold(parts.places, Math.min(share, room)));
  const folds: string[] = [];
  let left = 0;
  for (const fold of parts.folds) {
    const shown = left > 0 ? '' : fitFold(fold, room - NOTE_ROOM);
    if (shown === '') left += 1;
    else folds.push(take(shown));
  }
  if (left > 0) {
    const note = `${left} more ${left === 1 ? 'section is' : 'sections are'} in the check *Pinwheel*.`;
    if (note.length + 2 <= room) folds.push(take(note));
  }
  return [parts.head, moves, verdicts, suggestion, ...folds, places, sources, parts.tail]
    .filter((part) => part !== '')
    .join('\n\n');
}

function fitFold(fold: Fold, room: number): string {
  const inner = Math.floor(room) - FOLD_COST - escapedLength(fold.summary);
  if (inner <= 0) return '';
  const text = fitSections([fold.section], inner);
  return text === '' ? '' : details(fold.summary, text);
}

function escapedLength(summary: string): number {
  return details(summary, '').length;
}

function fitLines(lines: readonly string[], room: number): string {
  if (lines.length === 0 || room <= 0) return '';
  // Two blanks at the end would break the line in Markdown as well; a list is plainer.
  const rows = lines.length === 1 ? lines : lines.map((line) => `- ${line}`);
  return fitSections([{ head: '', rows, foot: '' }], Math.floor(room));
}
