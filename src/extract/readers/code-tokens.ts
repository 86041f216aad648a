import { MappedTextBuilder, verbatim } from './mapped-text.ts';
import type { TextNode } from './node.ts';

/** A piece of a program: a name or number, a string, one other character, or the end of a line. */
export type CodeToken =
  | { readonly kind: 'word'; readonly text: string; readonly start: number }
  | {
      readonly kind: 'string';
      readonly node: TextNode;
      readonly start: number;
      /** Whether `$name` and `${…}` in it are replaced. */
      readonly interpolates: boolean;
      /** Whether it runs over lines: `"""` or `'''`. */
      readonly long: boolean;
    }
  | { readonly kind: 'mark'; readonly text: string; readonly start: number }
  | { readonly kind: 'line'; readonly start: number };

/** What differs between the languages: Groovy, Kotlin and Starlark. */
export type CodeStyle = {
  readonly comments: 'slashes' | 'hash';
  /** Which quotes interpolate; Starlark's do not. */
  readonly interpolation: '"' | null;
};

/**
 * Splits a program in Groovy, Kotlin or Starlark into tokens, comments left out, every character of a string with its
 * place. Groovy's slashy strings are not known: a `/` is a mark. Pure, linear, never throws.
 */
export function readCode(text: string, style: CodeStyle): readonly CodeToken[] {
  return new CodeReader(text, style).read();
}

class CodeReader {
  readonly #text: string;
  readonly #style: CodeStyle;
  readonly #tokens: CodeToken[] = [];
  /** Before this offset no `${` ends: looking again would cost a line each time. */
  #plainUntil = 0;
  #at = 0;

  constructor(text: string, style: CodeStyle) {
    this.#text = text;
    this.#style = style;
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1;
    if (text.startsWith('#!', this.#at)) this.#at = lineEnd(text, this.#at);
  }

  read(): readonly CodeToken[] {
    const text = this.#text;
    while (this.#at < text.length) {
      const start = this.#at;
      const c = text[start] ?? '';
      if (c === ' ' || c === '\t' || c === '\r') this.#at++;
      else if (c === '\n') {
        this.#tokens.push({ kind: 'line', start });
        this.#at++;
      } else if (this.#isComment(start)) this.#at = lineEnd(text, start);
      else if (c === '/' && text[start + 1] === '*' && this.#style.comments === 'slashes') {
        const close = text.indexOf('*/', start + 2);
        this.#at = close < 0 ? text.length : close + 2;
      } else if (c === '"' || c === "'") this.#string(c);
      else if (isWordPart(text.charCodeAt(start))) {
        let end = start + 1;
        while (end < text.length && isWordPart(text.charCodeAt(end))) end++;
        this.#at = end;
        this.#tokens.push({ kind: 'word', text: text.slice(start, end), start });
      } else {
        this.#tokens.push({ kind: 'mark', text: c, start });
        this.#at++;
      }
    }
    return this.#tokens;
  }

  #isComment(at: number): boolean {
    const c = this.#text[at];
    return this.#style.comments === 'hash' ? c === '#' : c === '/' && this.#text[at + 1] === '/';
  }

  #string(quote: string): void {
    const text = this.#text;
    const start = this.#at;
    const long = text.startsWith(quote.repeat(3), start);
    const close = long ? quote.repeat(3) : quote;
    const interpolates = quote === this.#style.interpolation;
    const builder = new MappedTextBuilder();
    let from = start + close.length;
    let at = from;
    while (at < text.length && !text.startsWith(close, at) && (long || text[at] !== '\n')) {
      if (text[at] === '\\') {
        builder.copy(text.slice(from, at), from);
        if (text[at + 1] !== '\n') builder.add(text[at + 1] ?? '');
        at += 2;
        from = at;
      } else if (interpolates && text[at] === '$' && text[at + 1] === '{' && at >= this.#plainUntil) {
        at = this.#interpolationEnd(at);
      } else at++;
    }
    const end = Math.min(at, text.length);
    if (from <= end) builder.copy(text.slice(from, end), from);
    this.#at = text.startsWith(close, end) ? end + close.length : end;
    const node: TextNode = {
      kind: 'text',
      text: from === start + close.length ? verbatim(text.slice(from, end), from) : builder.build(),
      style: 'quoted',
      start,
      end: this.#at,
    };
    this.#tokens.push({ kind: 'string', node, start, interpolates, long });
  }

  /** The end of a `${…}` on its line, strings in it as wholes, or the next character where it has none. */
  #interpolationEnd(at: number): number {
    const text = this.#text;
    let depth = 0;
    let quote = '';
    for (let end = at + 1; end < text.length && text[end] !== '\n'; end++) {
      const c = text[end] ?? '';
      if (c === '\\') end++;
      else if (quote !== '') quote = c === quote ? '' : quote;
      else if (c === '"' || c === "'") quote = c;
      else if (c === '{') depth++;
      else if (c === '}' && --depth === 0) return end + 1;
    }
    this.#plainUntil = lineEnd(text, at);
    return at + 1;
  }
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function isWordPart(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || c > 127;
}
