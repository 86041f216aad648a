/** One line of a comment that reads as the author's own words. */
export type VisibleLine = { readonly text: string; readonly start: number };

type OpenFence = { readonly mark: string; readonly length: number; readonly listIndent: number };

/** A line's leading blanks in columns (a tab reaches the next multiple of 4) and in characters. */
type Indent = { readonly columns: number; readonly characters: number };

// HTML blocks whose content is code, data or a quotation.
const OPAQUE_TAG = /^<(pre|code|script|style|textarea|blockquote|samp|kbd)(?=[\s>]|$)/i;
const FENCE = /^(?:`{3,}|~{3,})/;
const LIST_MARKER = /^(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)/;

/**
 * The lines of a Markdown comment that stand outside of quotations, code blocks (fenced, indented, HTML), code spans and
 * HTML comments, at the left edge (at most three blanks) and not in a list. After CommonMark 0.31, on the safe side:
 * where it is not plain that a line is the author's own, it is left out. One exception: a line right below a quotation
 * that does not begin with `>` itself counts as the author's, as it was meant. Pure; linear in the length of the text.
 */
export function visibleLines(markdown: string): readonly VisibleLine[] {
  const plain: VisibleLine[] = [];
  const paragraphs: VisibleLine[][] = [];
  let paragraph: VisibleLine[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) paragraphs.push(paragraph);
    paragraph = [];
  };

  let fence: OpenFence | null = null;
  let htmlEnd: string | null = null;
  let listIndent = 0;
  for (const line of linesOf(markdown)) {
    const indent = indentOf(line.text);
    const content = line.text.slice(indent.characters);
    if (htmlEnd !== null) {
      if (line.text.toLowerCase().includes(htmlEnd)) htmlEnd = null;
      continue;
    }
    if (fence !== null) {
      const leftList = content !== '' && indent.columns < fence.listIndent;
      if (closesFence(content, indent.columns, fence)) {
        fence = null;
        continue;
      }
      if (!leftList) continue;
      fence = null;
    }
    if (content === '') {
      endParagraph();
      continue;
    }
    if (indent.columns < listIndent && !LIST_MARKER.test(content)) listIndent = 0;
    const inner = innermost(content, indent.columns, listIndent);
    listIndent = inner.listIndent;
    const opened = inner.isCode ? null : opensFence(inner.content, listIndent);
    if (opened !== null) {
      fence = opened;
      endParagraph();
      continue;
    }
    const end = inner.isCode ? null : opensHtml(inner.content);
    if (end !== null) {
      if (!inner.content.slice(1).toLowerCase().includes(end)) htmlEnd = end;
      endParagraph();
      continue;
    }
    if (inner.content.startsWith('>')) {
      endParagraph();
      continue;
    }
    const own = { text: content, start: line.start + indent.characters };
    paragraph.push(own);
    if (listIndent === 0 && indent.columns < 4) plain.push(own);
  }
  endParagraph();

  const hidden = new Set(paragraphs.flatMap((lines) => hiddenStarts(markdown, lines)));
  return plain.filter((line) => !hidden.has(line.start));
}

/** Strips list markers from the left, so that a fence behind one is seen; tells where the item's content begins. */
function innermost(
  content: string,
  columns: number,
  listIndent: number,
): { readonly content: string; readonly listIndent: number; readonly isCode: boolean } {
  let rest = content;
  let column = columns;
  let inside = listIndent;
  while (column - inside < 4) {
    const marker = LIST_MARKER.exec(rest);
    if (marker === null) return { content: rest, listIndent: inside, isCode: false };
    const behind = rest.slice(marker[0].length);
    const blanks = indentOf(behind);
    // Five blanks and more behind a marker: the item's content begins after one, with indented code.
    const width = blanks.characters === behind.length || blanks.columns > 4 ? 1 : blanks.columns;
    inside = column + marker[0].length + width;
    column += marker[0].length + blanks.columns;
    rest = behind.slice(blanks.characters);
  }
  return { content: rest, listIndent: inside, isCode: true };
}

function opensFence(content: string, listIndent: number): OpenFence | null {
  const run = FENCE.exec(content)?.[0];
  if (run === undefined) return null;
  const mark = run.charAt(0);
  // A back-tick fence's info string holds no back-tick; otherwise it is a code span.
  if (mark === '`' && content.slice(run.length).includes('`')) return null;
  return { mark, length: run.length, listIndent };
}

function closesFence(content: string, columns: number, fence: OpenFence): boolean {
  if (columns - fence.listIndent >= 4) return false;
  const bare = content.trimEnd();
  return bare.length >= fence.length && bare === fence.mark.repeat(bare.length);
}

/** What ends the HTML block that this line opens; null where it opens none. */
function opensHtml(content: string): string | null {
  if (content.startsWith('<!--')) return '-->';
  const tag = OPAQUE_TAG.exec(content)?.[1];
  return tag === undefined ? null : `</${tag.toLowerCase()}>`;
}

/** The starts of those lines of a paragraph that lie inside a code span or an HTML comment. */
function hiddenStarts(markdown: string, lines: readonly VisibleLine[]): readonly number[] {
  const first = lines[0];
  const last = lines.at(-1);
  if (first === undefined || last === undefined || first === last) return [];
  const ranges = spansOf(markdown, first.start, last.start + last.text.length);
  const hidden: number[] = [];
  let next = 0;
  for (const { start } of lines) {
    while ((ranges[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next++;
    const range = ranges[next];
    if (range !== undefined && range.start < start) hidden.push(start);
  }
  return hidden;
}

type Range = { readonly start: number; readonly end: number };

/** Code spans and HTML comments in text[from, to), leftmost first, not nested. */
function spansOf(text: string, from: number, to: number): readonly Range[] {
  const closers = backtickRuns(text, from, to);
  const spans: Range[] = [];
  let noComment = false;
  let i = from;
  while (i < to) {
    const c = text[i];
    if (c === '\\') {
      i += 2;
    } else if (c === '`') {
      const length = runLength(text, i, to);
      const end = takeCloser(closers.get(length), i);
      if (end !== null) spans.push({ start: i, end: end + length });
      i = end === null ? i + length : end + length;
    } else if (c === '<' && !noComment && text.startsWith('<!--', i)) {
      const end = text.indexOf('-->', i + 4);
      noComment = end < 0 || end >= to;
      if (!noComment) spans.push({ start: i, end: end + 3 });
      i = noComment ? i + 4 : end + 3;
    } else i++;
  }
  return spans;
}

type Runs = { readonly starts: number[]; next: number };

function backtickRuns(text: string, from: number, to: number): ReadonlyMap<number, Runs> {
  const runs = new Map<number, Runs>();
  for (let i = text.indexOf('`', from); i >= 0 && i < to; i = text.indexOf('`', i)) {
    const length = runLength(text, i, to);
    const known = runs.get(length) ?? { starts: [], next: 0 };
    known.starts.push(i);
    runs.set(length, known);
    i += length;
  }
  return runs;
}

/** The next run of the same length behind `after`; the pointer only moves forward, which keeps the whole linear. */
function takeCloser(runs: Runs | undefined, after: number): number | null {
  if (runs === undefined) return null;
  while (runs.next < runs.starts.length && (runs.starts[runs.next] ?? 0) <= after) runs.next++;
  return runs.starts[runs.next] ?? null;
}

function runLength(text: string, at: number, to: number): number {
  let end = at;
  while (end < to && text[end] === '`') end++;
  return end - at;
}

function indentOf(text: string): Indent {
  let columns = 0;
  let i = 0;
  for (; i < text.length; i++) {
    if (text[i] === ' ') columns++;
    else if (text[i] === '\t') columns += 4 - (columns % 4);
    else break;
  }
  return { columns, characters: i };
}

function* linesOf(text: string): Generator<VisibleLine> {
  let start = text.startsWith('\u{feff}') ? 1 : 0;
  for (let i = start; i <= text.length; i++) {
    const c = text[i];
    if (c !== '\n' && c !== '\r' && c !== undefined) continue;
    yield { text: text.slice(start, i), start };
    if (c === '\r' && text[i + 1] === '\n') i++;
    start = i + 1;
  }
}
