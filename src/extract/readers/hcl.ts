import { blockEntries, childBlocks, type HclBlocks } from './hcl-blocks.ts';
import { heredocText, identifierEnd, interpolationEnd, isDigit, lineEnd, unescaped } from './hcl-text.ts';
import { MappedTextBuilder, verbatim } from './mapped-text.ts';
import {
  type ConfigNode,
  DEPTH_LIMIT,
  type MapEntry,
  MapNode,
  type ReadDocuments,
  type ReadFault,
  type TextNode,
} from './node.ts';

/**
 * Reads HCL 2 (Bake, Terraform, Nomad, Packer) into nodes that know their place. A block `type "a" "b" {…}` is the map
 * under `type`, `a`, `b`; blocks without labels repeat their key. Strings and here-documents keep `${…}` as written; any
 * other expression is the text `${expression}`, standing nowhere; a call is the list of its arguments. Reads on after
 * mistakes, which are faults. Pure, linear, never throws. Spec: hashicorp/hcl, hclsyntax/spec.md.
 */
export function readHcl(text: string): ReadDocuments {
  const reader = new HclReader(text);
  return { documents: [reader.file()], faults: reader.faults };
}

/** Longer expressions are shown cut. */
const SHOWN_LIMIT = 200;
/** Labels on one block; Terraform has two. */
const LABEL_LIMIT = 8;

class HclReader {
  readonly faults: ReadFault[] = [];
  readonly #text: string;
  #at = 0;
  #gaveUp = false;
  /** Before this offset no interpolation ends: looking again would cost a line each time. */
  #plainUntil = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  file(): MapNode {
    return this.#body(0, 0);
  }

  #body(start: number, depth: number): MapNode {
    const entries: MapEntry[] = [];
    const blocks = new Map<string, HclBlocks>();
    for (;;) {
      this.#skipBlanks(true);
      const c = this.#text[this.#at];
      if (c === undefined) {
        if (depth > 0) this.#fault('a "}" is missing');
        break;
      }
      if (c === '}') {
        if (depth > 0) break;
        this.#fault('there is no block for this "}"');
        this.#at++;
        continue;
      }
      const key = this.#name();
      if (key === null) {
        this.#fault('a name was expected here');
        this.#skipLine();
        continue;
      }
      this.#skipBlanks(false);
      if (this.#text[this.#at] === '=' && this.#text[this.#at + 1] !== '=') {
        this.#at++;
        entries.push({ key, value: this.#expression(depth + 1, false) });
      } else this.#block(key, blocks, depth);
    }
    for (const one of blocks.values()) entries.push(...blockEntries(one));
    return new MapNode(start, entries);
  }

  #block(type: TextNode, blocks: Map<string, HclBlocks>, depth: number): void {
    let at = childBlocks(blocks, type);
    for (let labels = 0; labels < LABEL_LIMIT; labels++) {
      this.#skipBlanks(false);
      const label = this.#name();
      if (label === null) break;
      at = childBlocks(at.labelled, label);
    }
    this.#skipBlanks(false);
    const start = this.#at;
    if (this.#text[start] !== '{') {
      this.#fault('"=" or "{" was expected here');
      this.#skipLine();
      return;
    }
    if (this.#isTooDeep(depth)) return;
    this.#at++;
    at.bodies.push(this.#body(start, depth + 1));
    if (this.#text[this.#at] === '}') this.#at++;
  }

  /** A name or a quoted label, or null. */
  #name(): TextNode | null {
    if (this.#text[this.#at] === '"') return this.#string();
    const start = this.#at;
    const end = identifierEnd(this.#text, start);
    if (end === start) return null;
    this.#at = end;
    return { kind: 'text', text: verbatim(this.#text.slice(start, end), start), style: 'plain', start, end };
  }

  /** An expression up to the end of its line, or, in brackets, up to what ends it there. */
  #expression(depth: number, inBrackets: boolean): ConfigNode {
    this.#skipBlanks(inBrackets);
    const start = this.#at;
    const first = this.#term(depth);
    this.#skipBlanks(inBrackets);
    if (this.#endsExpression()) return first;
    this.#skipRest(inBrackets);
    return this.#opaque(start, this.#at);
  }

  #term(depth: number): ConfigNode {
    const text = this.#text;
    const start = this.#at;
    const c = text[start];
    if (c === '"') return this.#string();
    if (c === '<' && text[start + 1] === '<') return this.#heredoc();
    if (c === '[' || c === '{') {
      if (this.#isTooDeep(depth)) return { kind: 'empty', start };
      return c === '[' ? this.#list(depth, ']') : this.#object(depth);
    }
    let end = identifierEnd(text, start);
    if (end === start) return { kind: 'empty', start };
    const name = text.slice(start, end);
    if (text[end] === '(') {
      this.#at = end;
      return this.#isTooDeep(depth) ? { kind: 'empty', start } : this.#list(depth, ')');
    }
    while (text[end] === '.') {
      const next = identifierEnd(text, end + 1);
      if (next === end + 1) break;
      end = next;
    }
    this.#at = end;
    if (name === 'null' || name === 'true' || name === 'false' || isDigit(text.charCodeAt(start)))
      return { kind: 'empty', start };
    return this.#opaque(start, end);
  }

  #list(depth: number, close: ']' | ')'): ConfigNode {
    const start = this.#at++;
    const items: ConfigNode[] = [];
    for (;;) {
      this.#skipBlanks(true);
      const c = this.#text[this.#at];
      if (c === undefined) {
        this.#fault('a bracket has no end');
        break;
      }
      if (c === close) {
        this.#at++;
        break;
      }
      const before = this.#at;
      items.push(this.#expression(depth + 1, true));
      if (this.#text[this.#at] === ',') this.#at++;
      else if (this.#at === before) this.#at++;
    }
    return { kind: 'list', start, items };
  }

  #object(depth: number): ConfigNode {
    const start = this.#at++;
    const entries: MapEntry[] = [];
    for (;;) {
      this.#skipBlanks(true);
      const c = this.#text[this.#at];
      if (c === undefined) {
        this.#fault('a bracket has no end');
        break;
      }
      if (c === '}') {
        this.#at++;
        break;
      }
      const before = this.#at;
      const key = this.#name() ?? this.#key(depth);
      this.#skipBlanks(false);
      if (this.#text[this.#at] === '=' || this.#text[this.#at] === ':') {
        this.#at += this.#text[this.#at + 1] === '>' ? 2 : 1;
        const value = this.#expression(depth + 1, false);
        if (key !== null) entries.push({ key, value });
      } else this.#skipRest(false);
      if (this.#text[this.#at] === ',' || this.#at === before) this.#at++;
    }
    return new MapNode(start, entries);
  }

  /** A key in parentheses is an expression; other things are no key. */
  #key(depth: number): TextNode | null {
    if (this.#text[this.#at] !== '(' || this.#isTooDeep(depth)) return null;
    const start = this.#at;
    this.#list(depth, ')');
    return this.#opaque(start, this.#at);
  }

  #string(): TextNode {
    const text = this.#text;
    const start = this.#at;
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
    this.#at = text[end] === '"' ? end + 1 : end;
    if (text[end] !== '"') this.#fault('a string has no end on its line');
    return { kind: 'text', text: builder.build(), style: 'quoted', start, end: this.#at };
  }

  #heredoc(): ConfigNode {
    const text = this.#text;
    const start = this.#at;
    const indented = text[start + 2] === '-';
    const wordAt = start + (indented ? 3 : 2);
    const wordEnd = identifierEnd(text, wordAt);
    const word = text.slice(wordAt, wordEnd);
    const lineEnd = text.indexOf('\n', wordEnd);
    if (word === '' || lineEnd < 0) {
      this.#skipLine();
      return { kind: 'empty', start };
    }
    const lines: { start: number; end: number }[] = [];
    for (let at = lineEnd + 1; at < text.length; ) {
      const lineFeed = text.indexOf('\n', at);
      const end = lineFeed < 0 ? text.length : lineFeed;
      if (text.slice(at, end).trim() === word) {
        this.#at = end;
        const value = heredocText(text, lines, indented);
        return { kind: 'text', text: value, style: 'block', start, end };
      }
      lines.push({ start: at, end: Math.min(end + 1, text.length) });
      at = end + 1;
    }
    this.#fault(`the here-document has no line ${word}`);
    this.#at = text.length;
    return { kind: 'empty', start };
  }

  #opaque(start: number, end: number): TextNode {
    const shown = this.#text.slice(start, Math.min(end, start + SHOWN_LIMIT)).trimEnd();
    const builder = new MappedTextBuilder();
    builder.copy('', start);
    builder.add(`\${${shown}}`);
    return { kind: 'text', text: builder.build(), style: 'plain', start, end };
  }

  #endsExpression(): boolean {
    const c = this.#text[this.#at];
    return c === undefined || c === '\n' || c === ',' || c === '}' || c === ']' || c === ')';
  }

  /** Passes over the rest of an expression, strings and brackets in it as wholes. */
  #skipRest(inBrackets: boolean): void {
    const text = this.#text;
    let depth = 0;
    for (;;) {
      this.#skipBlanks(inBrackets || depth > 0);
      const c = text[this.#at];
      if (c === undefined || (depth === 0 && this.#endsExpression())) return;
      if (c === '"') this.#string();
      else if (c === '<' && text[this.#at + 1] === '<') this.#heredoc();
      else {
        if (c === '(' || c === '[' || c === '{') depth++;
        else if (c === ')' || c === ']' || c === '}') depth--;
        this.#at++;
      }
    }
  }

  #skipBlanks(lineEndsToo: boolean): void {
    const text = this.#text;
    for (;;) {
      const c = text[this.#at];
      if (c === ' ' || c === '\t' || c === '\r' || (c === '\n' && lineEndsToo)) this.#at++;
      else if (c === '#' || (c === '/' && text[this.#at + 1] === '/')) this.#skipLine();
      else if (c === '/' && text[this.#at + 1] === '*') {
        const close = text.indexOf('*/', this.#at + 2);
        this.#at = close < 0 ? text.length : close + 2;
      } else return;
    }
  }

  /** To the end of the line, before its line feed. */
  #skipLine(): void {
    this.#at = lineEnd(this.#text, this.#at);
  }

  #isTooDeep(depth: number): boolean {
    if (depth <= DEPTH_LIMIT) return false;
    if (!this.#gaveUp) {
      const message = `nested deeper than ${DEPTH_LIMIT} levels: the rest of the file is not read`;
      this.faults.push({ code: 'too-deep', offset: this.#at, message });
    }
    this.#gaveUp = true;
    this.#at = this.#text.length;
    return true;
  }

  #fault(problem: string): void {
    if (this.#gaveUp || this.faults.length > 0) return;
    this.faults.push({ code: 'syntax', offset: this.#at, message: `not HCL: ${problem}` });
  }
}
