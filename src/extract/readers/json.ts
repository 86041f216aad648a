import { createScanner } from 'jsonc-parser';
import { WorkBudget } from '../work-budget.ts';
import { type MappedText, MappedTextBuilder, verbatim } from './mapped-text.ts';
import {
  type ConfigNode,
  DEPTH_LIMIT,
  ListNode,
  type MapEntry,
  MapNode,
  type ReadDocuments,
  type ReadFault,
  type TextNode,
} from './node.ts';

// jsonc-parser's token kinds; its `SyntaxKind` is an ambient const enum, which does not exist at run time.
const OPEN_BRACE = 1;
const CLOSE_BRACE = 2;
const OPEN_BRACKET = 3;
const CLOSE_BRACKET = 4;
const COMMA = 5;
const COLON = 6;
const STRING = 10;
const EOF = 17;

/**
 * Reads JSON, and JSON with comments and trailing commas (RFC 8259; devcontainer's JSONC), into nodes that know their
 * place. Numbers, booleans and `null` are empty nodes: nobody pins an image in them. Reads on after mistakes. Pure, linear, never throws.
 */
export function readJsonc(text: string, budget = new WorkBudget()): ReadDocuments {
  const reader = new JsonReader(text, budget);
  const document = reader.value(0);
  return { documents: [document], faults: reader.faults };
}

class JsonReader {
  readonly faults: ReadFault[] = [];
  readonly #scanner;
  readonly #budget: WorkBudget;
  #token: number = EOF;
  #gaveUp = false;

  constructor(text: string, budget: WorkBudget) {
    this.#budget = budget;
    this.#scanner = createScanner(text, true);
    // A BOM is no part of JSON, and editors write it all the same.
    if (text.charCodeAt(0) === 0xfeff) this.#scanner.setPosition(1);
    this.#next();
  }

  value(depth: number): ConfigNode {
    const start = this.#scanner.getTokenOffset();
    if (depth > DEPTH_LIMIT) return this.#refuseDepth(start);
    switch (this.#token) {
      case OPEN_BRACE:
        return new MapNode(start, this.#members(depth), this.#budget);
      case OPEN_BRACKET:
        return new ListNode(start, this.#items(depth), this.#budget);
      case STRING: {
        const node = this.#string();
        this.#next();
        return node;
      }
      default:
        this.#next();
        return { kind: 'empty', start };
    }
  }

  #members(depth: number): MapEntry[] {
    const entries: MapEntry[] = [];
    this.#next();
    while (!this.#closes(CLOSE_BRACE)) {
      if (!this.#is(STRING)) {
        this.#unexpected('a name in double quotes');
        this.#next();
        continue;
      }
      const key = this.#string();
      this.#next();
      if (!this.#is(COLON)) {
        this.#unexpected('":"');
        continue;
      }
      this.#next();
      entries.push({ key, value: this.value(depth + 1) });
      if (this.#is(COMMA)) this.#next();
    }
    this.#next();
    return entries;
  }

  #items(depth: number): ConfigNode[] {
    const items: ConfigNode[] = [];
    this.#next();
    while (!this.#closes(CLOSE_BRACKET)) {
      items.push(this.value(depth + 1));
      if (this.#is(COMMA)) this.#next();
    }
    this.#next();
    return items;
  }

  #closes(kind: number): boolean {
    if (this.#is(kind)) return true;
    if (!this.#is(EOF)) return false;
    if (!this.#gaveUp) this.#unexpected('a closing bracket');
    this.#gaveUp = true;
    return true;
  }

  #string(): TextNode {
    const start = this.#scanner.getTokenOffset();
    const end = start + this.#scanner.getTokenLength();
    const value = this.#scanner.getTokenValue();
    // As long as its source without quotes, it holds no escape: each escape is longer than what it stands for.
    const text = end - start - 2 === value.length ? verbatim(value, start + 1) : escaped(value, start + 1);
    return { kind: 'text', text, style: 'quoted', start, end };
  }

  #is(kind: number): boolean {
    return this.#token === kind;
  }

  #next(): void {
    this.#token = this.#scanner.scan();
  }

  #unexpected(wanted: string): void {
    if (this.faults.length > 0) return;
    const offset = this.#scanner.getTokenOffset();
    this.faults.push({ code: 'syntax', offset, message: `not JSON: expected ${wanted} here` });
  }

  #refuseDepth(offset: number): ConfigNode {
    if (!this.#gaveUp) {
      const message = `nested deeper than ${DEPTH_LIMIT} levels: the rest of the file is not read`;
      this.faults.push({ code: 'too-deep', offset, message });
    }
    this.#gaveUp = true;
    this.#token = EOF;
    this.#scanner.setPosition(Number.MAX_SAFE_INTEGER);
    return { kind: 'empty', start: offset };
  }
}

/** A decoded string whose source has escapes: what it says is known, where each character stands is not. */
function escaped(value: string, start: number): MappedText {
  const builder = new MappedTextBuilder();
  // Its beginning is known, for the line in reports.
  builder.copy('', start);
  builder.add(value);
  return builder.build();
}
