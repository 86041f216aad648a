const HASH = '#';

/**
 * Turns blocks of YAML that hold nothing of interest into comments of the same length, so that they need no parsing: the
 * lines below a `key:` none of which `wanted` matches. Every other character keeps its offset. Leaves, flow collections
 * over several lines, anchors, and whatever looks unbalanced stay. Linear but for the depth of nesting.
 *
 * A block that is dropped leaves its key empty; inside a block scalar it leaves other text. Both only where nothing wanted
 * stands.
 */
export function withoutIdleBlocks(text: string, wanted: RegExp): string {
  const hits = hitsIn(text, wanted);
  const parts: string[] = [];
  let copied = 0;
  let hit = 0;
  for (let at = 0; at < text.length; ) {
    const lineEnd = endOfLine(text, at);
    const next = lineEnd + 1;
    // What a wanted key holds is wanted, whatever it is called.
    const isWanted = hasHit(hits, hit, at, next);
    while (hit < hits.length && (hits[hit] ?? 0) < next) hit++;
    const until = hits[hit] ?? text.length;
    const end =
      !isWanted && opensBlock(text, at, lineEnd) ? endOfBlock(text, keyIndent(text, at), next, until) : next;
    if (end > next && !hasHit(hits, hit, next, end) && isPlainBlock(text, next, end)) {
      parts.push(text.slice(copied, next), comment(text, next, end));
      copied = end;
      at = end;
    } else {
      at = next;
    }
  }
  if (copied === 0) return text;
  parts.push(text.slice(copied));
  return parts.join('');
}

function hitsIn(text: string, wanted: RegExp): readonly number[] {
  const all = new RegExp(wanted.source, wanted.flags.includes('g') ? wanted.flags : `${wanted.flags}g`);
  return [...text.matchAll(all)].map((match) => match.index);
}

function hasHit(hits: readonly number[], from: number, start: number, end: number): boolean {
  const next = hits[from];
  return next !== undefined && next >= start && next < end;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** Whether a line is a bare `key:`, in a list or not, and nothing else: its value is the lines below. */
function opensBlock(text: string, at: number, lineEnd: number): boolean {
  let last = lineEnd - 1;
  while (last > at && isBlank(text.charCodeAt(last))) last--;
  if (text.charCodeAt(last) !== 58) return false;
  const first = text.charCodeAt(contentStart(text, at, last));
  // Letters and digits begin a plain key; what else may begin a line is not for this to understand.
  return (first >= 97 && first <= 122) || (first >= 65 && first <= 90) || (first >= 48 && first <= 57);
}

/** The column of a line's key: behind the dashes of a list. */
function keyIndent(text: string, at: number): number {
  return contentStart(text, at, text.length) - at;
}

function contentStart(text: string, at: number, limit: number): number {
  let start = at;
  for (;;) {
    while (start < limit && text.charCodeAt(start) === 32) start++;
    if (text.charCodeAt(start) !== 45 || text.charCodeAt(start + 1) !== 32) return start;
    start += 2;
  }
}

/** The end of the block below a key: where a line stands no deeper, list items at the key's own column apart; or past `until`. */
function endOfBlock(text: string, indent: number, from: number, until: number): number {
  let end = from;
  for (let at = from; at < text.length && at <= until; ) {
    let first = at;
    while (text.charCodeAt(first) === 32) first++;
    const code = text.charCodeAt(first);
    const lineEnd = endOfLine(text, at);
    const isEmpty = first >= lineEnd || code === 13;
    const isItem = code === 45 && text.charCodeAt(first + 1) === 32 && first - at === indent;
    if (!isEmpty && first - at <= indent && !isItem) return end;
    if (code === 9) return from;
    at = lineEnd + 1;
    if (!isEmpty) end = Math.min(at, text.length);
  }
  return end;
}

/** Whether brackets and quotes in a block are even, and nothing in it is read from elsewhere. */
function isPlainBlock(text: string, from: number, to: number): boolean {
  let square = 0;
  let curly = 0;
  let single = 0;
  let double = 0;
  for (let i = from; i < to; i++) {
    switch (text.charCodeAt(i)) {
      case 91:
        square++;
        break;
      case 93:
        if (--square < 0) return false;
        break;
      case 123:
        curly++;
        break;
      case 125:
        if (--curly < 0) return false;
        break;
      case 39:
        single++;
        break;
      case 34:
        double++;
        break;
      // `&` and `*`: an anchor that something reads, an alias of something wanted.
      case 38:
      case 42:
        return false;
      default:
    }
  }
  return square === 0 && curly === 0 && single % 2 === 0 && double % 2 === 0;
}

/** A comment as long as a block, at its indentation, with its last line end. */
function comment(text: string, from: number, to: number): string {
  let indent = from;
  while (text.charCodeAt(indent) === 32) indent++;
  let body = to;
  if (text.charCodeAt(body - 1) === 10) body--;
  if (text.charCodeAt(body - 1) === 13) body--;
  return text.slice(from, indent) + HASH.repeat(Math.max(0, body - indent)) + text.slice(body, to);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13;
}
