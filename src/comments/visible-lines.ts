/** One line of a comment that reads as the author's own words. */
export type VisibleLine = { readonly text: string; readonly start: number };

type OpenFence = { readonly mark: string; readonly length: number; readonly listIndent: number };

/** A line's leading blanks in columns (a tab reaches the next multiple of 4) and in characters. */
type Indent = { readonly columns: number; readonly characters: number };

// HTML blocks whose content is code, data or a quotation.
const OPAQUE_TAG = /<(pre|code|script|style|textarea|blockquote|samp|kbd)(?=[\s>]|$)/gi;
/** Comments, processing instructions, declarations and CDATA: how they begin, and what ends them. None of it is shown. */
const UNSEEN: readonly (readonly [begin: RegExp, end: string])[] = [
  [/^<!--/, '-->'],
  [/^<\?/, '?>'],
  [/^<!\[CDATA\[/, ']]>'],
  [/^<![a-z]/i, '>'],
];
const FENCE = /^(?:`{3,}|~{3,})/;
/** Headings, thematic breaks, underlines of headings, and list items that may stand right below a paragraph. */
const BLOCK =
  /^(?:#{1,6}(?=[ \t]|$)|(?:[-*+]|1[.)])[ \t]+\S|(?:\*[ \t]*){3,}$|(?:-[ \t]*){3,}$|(?:_[ \t]*){3,}$|=+[ \t]*$|-+[ \t]*$)/;
const LIST_MARKER = /^(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$)/;

/**
 * The lines of a Markdown comment that stand outside of quotations, code blocks (fenced, indented, HTML), code spans and
 * HTML that is not shown, at the left edge (at most three blanks) and not in a list. After CommonMark 0.31, on the safe
 * side: where it is not plain that a line is the author's own, it is left out. One exception: a line right below a quotation
 * that does not begin with `>` itself counts as the author's, as it was meant. Pure; linear in the length of the text.
 * Long because it is one loop over the lines, whose state every branch reads and writes.
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
  let wasQuoted = false;
  for (const line of linesOf(markdown)) {
    const indent = indentOf(line.text);
    const content = line.text.slice(indent.characters);
    if (htmlEnd !== null) {
      if (!line.text.includes(htmlEnd) && !line.text.toLowerCase().includes(htmlEnd)) continue;
      htmlEnd = null;
      // The block may have ended before, at a blank line.
      fence = opensFence(content, 0);
      continue;
    }
    if (fence !== null) {
      const leftList = content !== '' && indent.columns < fence.listIndent;
      if (!leftList) {
        if (closesFence(content, indent.columns, fence)) fence = null;
        continue;
      }
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
    const html = inner.isCode || opened !== null ? null : opensHtml(inner.content);
    if (opened !== null || html !== null) {
      fence = opened;
      htmlEnd = html?.end ?? null;
      endParagraph();
      continue;
    }
    const isQuoted = inner.content.startsWith('>');
    const isBlock = indent.columns < listIndent + 4 && BLOCK.test(content);
    // A line right below a quotation may go on with what it opened.
    if (isQuoted ? !wasQuoted : isBlock) endParagraph();
    wasQuoted = isQuoted;
    const own = { text: content, start: line.start + indent.characters };
    paragraph.push(own);
    if (isBlock && !LIST_MARKER.test(content)) endParagraph();
    if (!isQuoted && listIndent === 0 && indent.columns < 4) plain.push(own);
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
  // Only these blanks: behind others, such as a no-break space, the fence stays open.
  const bare = content.replace(/(?<![ \t])[ \t]+$/, '');
  return bare.length >= fence.length && bare === fence.mark.repeat(bare.length);
}

/**
 * Whether this line opens an HTML block that is code, data or a quotation, and what ends it where the line itself does not.
 * The tag may stand behind others, as in `<details><pre>`.
 */
function opensHtml(content: string): { readonly end: string | null } | null {
  if (!content.startsWith('<')) return null;
  const unseen = unseenEnd(content);
  if (unseen !== null) return { end: content.includes(unseen, 1) ? null : unseen };
  const tag = [...content.matchAll(OPAQUE_TAG)].at(-1);
  if (tag?.[1] === undefined) return null;
  const end = `</${tag[1].toLowerCase()}>`;
  return { end: content.toLowerCase().includes(end, tag.index) ? null : end };
}

/** What ends the unseen HTML that the text begins with; null where it begins with none. */
function unseenEnd(text: string): string | null {
  return UNSEEN.find(([begin]) => begin.test(text))?.[1] ?? null;
}

/** The starts of those lines of a paragraph that lie inside a code span or unseen HTML. */
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

/** Code spans and unseen HTML in text[from, to), leftmost first, not nested. */
function spansOf(whole: string, from: number, to: number): readonly Range[] {
  const text = whole.slice(0, to);
  const closers = backtickRuns(text, from, to);
  const spans: Range[] = [];
  /** Ends that do not come any more. */
  const missing = new Set<string>();
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
    } else if (c === '<') {
      const mark = unseenEnd(text.slice(i, i + 9));
      const end = mark === null || missing.has(mark) ? -1 : text.indexOf(mark, i + 2);
      if (mark !== null && end < 0) missing.add(mark);
      if (mark !== null && end >= 0) spans.push({ start: i, end: end + mark.length });
      i = mark !== null && end >= 0 ? end + mark.length : i + 1;
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
