import type { SourceSpan } from '../../domain/source-span.ts';

/** One line of a text: offsets of its first character and of its end, line end left out, and the number from 1. */
export type TextLine = SourceSpan & {
  readonly number: number;
  /** Where the next line starts. */
  readonly next: number;
  readonly text: string;
  /** Inside a fenced code block, or one of its fences: an example, never a table. */
  readonly fenced: boolean;
};

/** The lines of a text, ended by LF, CRLF or CR, with fenced code blocks (GFM 4.5) marked. A BOM belongs to no line. */
export function splitLines(text: string): readonly TextLine[] {
  const lines: TextLine[] = [];
  let start = text.startsWith('\ufeff') ? 1 : 0;
  let fence: { readonly mark: string; readonly length: number } | null = null;
  while (start < text.length) {
    let end = start;
    while (end < text.length && text[end] !== '\n' && text[end] !== '\r') end += 1;
    const next = text.startsWith('\r\n', end) ? end + 2 : Math.min(end + 1, text.length);
    const content = text.slice(start, end);
    const run = fenceRun(content);
    let fenced = fence !== null;
    if (fence === null && run !== null) {
      fence = run;
      fenced = true;
    } else if (fence !== null && run?.closes === true) {
      if (run.mark === fence.mark && run.length >= fence.length) fence = null;
    }
    lines.push({ start, end, next, number: lines.length + 1, text: content, fenced });
    start = next;
  }
  return lines;
}

function fenceRun(
  line: string,
): { readonly mark: string; readonly length: number; readonly closes: boolean } | null {
  let at = 0;
  while (at < 3 && line[at] === ' ') at += 1;
  const mark = line[at];
  if (mark !== '`' && mark !== '~') return null;
  let length = 0;
  while (line[at + length] === mark) length += 1;
  const rest = line.slice(at + length);
  if (length < 3 || (mark === '`' && rest.includes('`'))) return null;
  return { mark, length, closes: rest.trim() === '' };
}
