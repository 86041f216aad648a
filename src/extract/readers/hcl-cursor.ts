import { heredocText, identifierEnd, interpolationEnd, lineEnd, unescaped } from './hcl-text.ts';
import { MappedTextBuilder, verbatim } from './mapped-text.ts';
import { type ConfigNode, DEPTH_LIMIT, type ReadFault, type TextNode } from './node.ts';

/** Longer expressions are shown cut. */
const SHOWN_LIMIT = 200;

/** A place in an HCL file that moves forward: names, strings, here-documents, blanks and comments, and the faults met. */
export class HclCursor {
  readonly faults: ReadFault[] = [];
  readonly text: string;
  at = 0;
  #gaveUp = false;
  /** Before this offset no interpolation ends: looking again would cost a line each time. */
  #plainUntil = 0;

  constructor(text: string) {
    this.text = text;
    if (text.charCodeAt(0) === 0xfeff) this.at = 1;
  }

  /** A name or a quoted label, or null. */
  name(): TextNode | null {
    if (this.text[this.at] === '"') return this.string();
    const start = this.at;
    const end = identifierEnd(this.text, start);
    if (end === start) return null;
    this.at = end;
    return { kind: 'text', text: verbatim(this.text.slice(start, end), start), style: 'plain', start, end };
  }

  /** The quoted string that begins here, `${…}` in it as written. */
  string(): TextNode {
    const text = this.text;
    const start = this.at;
    const builder = new MappedTextBuilder();
    let from = start + 1;
    let at = from;
    while (at < text.length && text[at] !== '"' && text[at] !== '\n') {
      if (text[at] === '\\') {
        builder.copy(text.slice(from, at), from);
        builder.add(unescaped(text, at));
        at += text[at + 1] === 'u' ? 6 : text[at + 1] === 'U' ? 10 : 2;
        from = at;
      } else if (at < this.#plainUntil || (text[at] !== '$' && text[at] !== '%')) at++;
      else {
        const end = interpolationEnd(text, at);
        if (end < 0) this.#plainUntil = lineEnd(text, at);
        else at = end;
      }
    }
    const end = Math.min(at, text.length);
    if (from <= end) builder.copy(text.slice(from, end), from);
    this.at = text[end] === '"' ? end + 1 : end;
    if (text[end] !== '"') this.fault('a string is not closed on its line');
    return { kind: 'text', text: builder.build(), style: 'quoted', start, end: this.at };
  }

  /** The here-document that begins here; an empty node where it has no end. */
  heredoc(): ConfigNode {
    const text = this.text;
    const start = this.at;
    const indented = text[start + 2] === '-';
    const wordAt = start + (indented ? 3 : 2);
    const wordEnd = identifierEnd(text, wordAt);
    const word = text.slice(wordAt, wordEnd);
    const lineEnd = text.indexOf('\n', wordEnd);
    if (word === '' || lineEnd < 0) {
      this.skipLine();
      return { kind: 'empty', start };
    }
    const lines: { start: number; end: number }[] = [];
    for (let at = lineEnd + 1; at < text.length; ) {
      const lineFeed = text.indexOf('\n', at);
      const end = lineFeed < 0 ? text.length : lineFeed;
      if (text.slice(at, end).trim() === word) {
        this.at = end;
        const value = heredocText(text, lines, indented);
        return { kind: 'text', text: value, style: 'block', start, end };
      }
      lines.push({ start: at, end: Math.min(end + 1, text.length) });
      at = end + 1;
    }
    this.fault(`the here-document has no line ${word}`);
    this.at = text.length;
    return { kind: 'empty', start };
  }

  /** An expression this does not evaluate, as the text `${expression}`, which stands nowhere. */
  opaque(start: number, end: number): TextNode {
    const shown = this.text.slice(start, Math.min(end, start + SHOWN_LIMIT)).trimEnd();
    const builder = new MappedTextBuilder();
    builder.copy('', start);
    builder.add(`\${${shown}}`);
    return { kind: 'text', text: builder.build(), style: 'plain', start, end };
  }

  /** Whether an expression cannot carry on here. */
  endsExpression(): boolean {
    const c = this.text[this.at];
    return c === undefined || c === '\n' || c === ',' || c === '}' || c === ']' || c === ')';
  }

  /** Passes over blanks and comments, and over line ends where an expression carries on behind them. */
  skipBlanks(lineEndsToo: boolean): void {
    const text = this.text;
    for (;;) {
      const c = text[this.at];
      if (c === ' ' || c === '\t' || c === '\r' || (c === '\n' && lineEndsToo)) this.at++;
      else if (c === '#' || (c === '/' && text[this.at + 1] === '/')) this.skipLine();
      else if (c === '/' && text[this.at + 1] === '*') {
        const close = text.indexOf('*/', this.at + 2);
        this.at = close < 0 ? text.length : close + 2;
      } else return;
    }
  }

  /** To the end of the line, before its line feed. */
  skipLine(): void {
    this.at = lineEnd(this.text, this.at);
  }

  /** Whether nesting is at its limit; then the rest of the file is given up. */
  isTooDeep(depth: number): boolean {
    if (depth <= DEPTH_LIMIT) return false;
    if (!this.#gaveUp) {
      const message = `nested deeper than ${DEPTH_LIMIT} levels: the rest of the file is not read`;
      this.faults.push({ code: 'too-deep', offset: this.at, message });
    }
    this.#gaveUp = true;
    this.at = this.text.length;
    return true;
  }

  /** Notes the first mistake of the file; what follows from it is no news. */
  fault(problem: string): void {
    if (this.#gaveUp || this.faults.length > 0) return;
    this.faults.push({ code: 'syntax', offset: this.at, message: `not HCL: ${problem}` });
  }
}
