import { WorkBudget } from '../work-budget.ts';
import { blockEntries, childBlocks, type HclBlocks } from './hcl-blocks.ts';
import { HclCursor } from './hcl-cursor.ts';
import { identifierEnd, isAsciiDigit } from './hcl-text.ts';
import {
  type ConfigNode,
  ListNode,
  type MapEntry,
  MapNode,
  type ReadDocuments,
  type TextNode,
} from './node.ts';

/**
 * Reads HCL 2 (Bake, Terraform, Nomad, Packer) into nodes that know their place. A block `type "a" "b" {…}` is the map
 * under `type`, `a`, `b`; blocks without labels repeat their key. Strings and here-documents keep `${…}` as written; any
 * other expression is the text `${expression}`, standing nowhere; a call is the list of its arguments. Reads on after
 * mistakes, which are faults. Pure, linear, never throws. Spec: hashicorp/hcl, hclsyntax/spec.md.
 */
export function readHcl(text: string, budget = new WorkBudget()): ReadDocuments {
  const cursor = new HclCursor(text);
  const root = new HclReader(cursor, budget).file();
  return { documents: [root], faults: cursor.faults };
}

/** Labels on one block; Terraform has two. */
const LABEL_LIMIT = 8;

class HclReader {
  readonly #in: HclCursor;
  readonly #budget: WorkBudget;

  constructor(cursor: HclCursor, budget: WorkBudget) {
    this.#in = cursor;
    this.#budget = budget;
  }

  file(): MapNode {
    return this.#body(0, 0);
  }

  #body(start: number, depth: number): MapNode {
    const entries: MapEntry[] = [];
    const blocks = new Map<string, HclBlocks>();
    for (;;) {
      this.#in.skipBlanks(true);
      const c = this.#in.text[this.#in.at];
      if (c === undefined) {
        if (depth > 0) this.#in.fault('a "}" is missing');
        break;
      }
      if (c === '}') {
        if (depth > 0) break;
        this.#in.fault('this "}" closes no block');
        this.#in.at++;
        continue;
      }
      const key = this.#in.name();
      if (key === null) {
        this.#in.fault('expected a name here');
        this.#in.skipLine();
        continue;
      }
      this.#in.skipBlanks(false);
      if (this.#in.text[this.#in.at] === '=' && this.#in.text[this.#in.at + 1] !== '=') {
        this.#in.at++;
        entries.push({ key, value: this.#expression(depth + 1, false) });
      } else this.#block(key, blocks, depth);
    }
    for (const one of blocks.values()) entries.push(...blockEntries(one, this.#budget));
    return new MapNode(start, entries, this.#budget);
  }

  #block(type: TextNode, blocks: Map<string, HclBlocks>, depth: number): void {
    let at = childBlocks(blocks, type);
    for (let labels = 0; labels < LABEL_LIMIT; labels++) {
      this.#in.skipBlanks(false);
      const label = this.#in.name();
      if (label === null) break;
      at = childBlocks(at.labelled, label);
    }
    this.#in.skipBlanks(false);
    const start = this.#in.at;
    if (this.#in.text[start] !== '{') {
      this.#in.fault('expected "=" or "{" here');
      this.#in.skipLine();
      return;
    }
    if (this.#in.isTooDeep(depth)) return;
    this.#in.at++;
    at.bodies.push(this.#body(start, depth + 1));
    if (this.#in.text[this.#in.at] === '}') this.#in.at++;
  }

  /** An expression up to the end of its line, or, in brackets, up to what ends it there. */
  #expression(depth: number, inBrackets: boolean): ConfigNode {
    this.#in.skipBlanks(inBrackets);
    const start = this.#in.at;
    const first = this.#term(depth);
    this.#in.skipBlanks(inBrackets);
    if (this.#in.endsExpression()) return first;
    this.#skipRest(inBrackets);
    return this.#in.opaque(start, this.#in.at);
  }

  #term(depth: number): ConfigNode {
    const text = this.#in.text;
    const start = this.#in.at;
    const c = text[start];
    if (c === '"') return this.#in.string();
    if (c === '<' && text[start + 1] === '<') return this.#in.heredoc();
    if (c === '[' || c === '{') {
      if (this.#in.isTooDeep(depth)) return { kind: 'empty', start };
      return c === '[' ? this.#list(depth, ']') : this.#object(depth);
    }
    let end = identifierEnd(text, start);
    if (end === start) return { kind: 'empty', start };
    const name = text.slice(start, end);
    if (text[end] === '(') {
      this.#in.at = end;
      return this.#in.isTooDeep(depth) ? { kind: 'empty', start } : this.#list(depth, ')');
    }
    while (text[end] === '.') {
      const next = identifierEnd(text, end + 1);
      if (next === end + 1) break;
      end = next;
    }
    this.#in.at = end;
    if (name === 'null' || name === 'true' || name === 'false' || isAsciiDigit(text.charCodeAt(start)))
      return { kind: 'empty', start };
    return this.#in.opaque(start, end);
  }

  #list(depth: number, close: ']' | ')'): ConfigNode {
    const start = this.#in.at++;
    const items: ConfigNode[] = [];
    for (;;) {
      this.#in.skipBlanks(true);
      const c = this.#in.text[this.#in.at];
      if (c === undefined) {
        this.#in.fault('a bracket is not closed');
        break;
      }
      if (c === close) {
        this.#in.at++;
        break;
      }
      const before = this.#in.at;
      items.push(this.#expression(depth + 1, true));
      if (this.#in.text[this.#in.at] === ',') this.#in.at++;
      else if (this.#in.at === before) this.#in.at++;
    }
    return new ListNode(start, items, this.#budget);
  }

  #object(depth: number): ConfigNode {
    const start = this.#in.at++;
    const entries: MapEntry[] = [];
    for (;;) {
      this.#in.skipBlanks(true);
      const c = this.#in.text[this.#in.at];
      if (c === undefined) {
        this.#in.fault('a bracket is not closed');
        break;
      }
      if (c === '}') {
        this.#in.at++;
        break;
      }
      const before = this.#in.at;
      const key = this.#in.name() ?? this.#key(depth);
      this.#in.skipBlanks(false);
      if (this.#in.text[this.#in.at] === '=' || this.#in.text[this.#in.at] === ':') {
        this.#in.at += this.#in.text[this.#in.at + 1] === '>' ? 2 : 1;
        const value = this.#expression(depth + 1, false);
        if (key !== null) entries.push({ key, value });
      } else this.#skipRest(false);
      if (this.#in.text[this.#in.at] === ',' || this.#in.at === before) this.#in.at++;
    }
    return new MapNode(start, entries, this.#budget);
  }

  /** A key in parentheses is an expression; other things are no key. */
  #key(depth: number): TextNode | null {
    if (this.#in.text[this.#in.at] !== '(' || this.#in.isTooDeep(depth)) return null;
    const start = this.#in.at;
    this.#list(depth, ')');
    return this.#in.opaque(start, this.#in.at);
  }

  /** Passes over the rest of an expression, strings and brackets in it as wholes. */
  #skipRest(inBrackets: boolean): void {
    const text = this.#in.text;
    let depth = 0;
    for (;;) {
      this.#in.skipBlanks(inBrackets || depth > 0);
      const c = text[this.#in.at];
      if (c === undefined || (depth === 0 && this.#in.endsExpression())) return;
      if (c === '"') this.#in.string();
      else if (c === '<' && text[this.#in.at + 1] === '<') this.#in.heredoc();
      else {
        if (c === '(' || c === '[' || c === '{') depth++;
        else if (c === ')' || c === ']' || c === '}') depth--;
        this.#in.at++;
      }
    }
  }
}
