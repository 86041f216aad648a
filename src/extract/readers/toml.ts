import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import { messageOf } from '../../domain/errors.ts';
import { WorkBudget } from '../work-budget.ts';
import { unmapped, verbatim } from './mapped-text.ts';
import {
  type ConfigNode,
  DEPTH_LIMIT,
  ListNode,
  type MapEntry,
  MapNode,
  type ReadDocuments,
  type TextNode,
} from './node.ts';

/**
 * Reads TOML 1.0 into nodes that know their place; tables, dotted keys and arrays of tables are put together.
 * Numbers, booleans and dates are empty nodes. A mistake loses the whole file, as for cargo. Pure, never throws.
 */
export function readToml(text: string, budget = new WorkBudget()): ReadDocuments {
  if (nestsTooDeep(text)) {
    const message = `brackets nested deeper than ${DEPTH_LIMIT} levels: the file is not read`;
    return { documents: [], faults: [{ code: 'too-deep', offset: 0, message }] };
  }
  try {
    const bom = text.charCodeAt(0) === 0xfeff ? 1 : 0;
    const program = parseTOML(bom === 0 ? text : text.slice(1), { tomlVersion: '1.0' });
    return { documents: [new TomlBuilder(text, bom, budget).build(program)], faults: [] };
  } catch (cause) {
    const offset = cause instanceof ParseError ? cause.index : 0;
    const message = `not TOML: ${messageOf(cause)}`;
    return { documents: [], faults: [{ code: 'syntax', offset, message }] };
  }
}

type Table = { readonly start: number; readonly entries: Map<string, { key: TextNode; value: Value }> };
type Value =
  | ConfigNode
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'tables'; readonly tables: Table[] };

class TomlBuilder {
  readonly #text: string;
  readonly #shift: number;
  readonly #budget: WorkBudget;

  constructor(text: string, shift: number, budget: WorkBudget) {
    this.#text = text;
    this.#shift = shift;
    this.#budget = budget;
  }

  build(program: AST.TOMLProgram): ConfigNode {
    const root: Table = { start: 0, entries: new Map() };
    for (const item of program.body[0].body) {
      if (item.type === 'TOMLKeyValue') {
        this.#assign(root, item);
        continue;
      }
      const table = this.#open(root, item);
      for (const pair of item.body) this.#assign(table, pair);
    }
    return this.#closed(root);
  }

  /** The table of a `[header]` or `[[header]]`. */
  #open(root: Table, item: AST.TOMLTable): Table {
    let table = root;
    const keys = item.key.keys;
    keys.forEach((key, i) => {
      table = this.#child(table, key, item.kind === 'array' && i === keys.length - 1);
    });
    return table;
  }

  #assign(table: Table, pair: AST.TOMLKeyValue): void {
    let target = table;
    const keys = pair.key.keys;
    const last = keys.at(-1);
    if (last === undefined) return;
    for (const key of keys.slice(0, -1)) target = this.#child(target, key, false);
    const key = this.#key(last);
    target.entries.set(key.text.value, { key, value: this.#content(pair.value) });
  }

  #child(parent: Table, name: AST.TOMLBare | AST.TOMLQuoted, asNewItem: boolean): Table {
    const key = this.#key(name);
    const found = parent.entries.get(key.text.value);
    const fresh: Table = { start: key.start, entries: new Map() };
    if (asNewItem) {
      if (found?.value.kind === 'tables') found.value.tables.push(fresh);
      else parent.entries.set(key.text.value, { key, value: { kind: 'tables', tables: [fresh] } });
      return fresh;
    }
    if (found?.value.kind === 'table') return found.value.table;
    if (found?.value.kind === 'tables') return found.value.tables.at(-1) ?? fresh;
    parent.entries.set(key.text.value, { key, value: { kind: 'table', table: fresh } });
    return fresh;
  }

  #key(node: AST.TOMLBare | AST.TOMLQuoted): TextNode {
    const start = node.range[0] + this.#shift;
    const end = node.range[1] + this.#shift;
    const value = node.type === 'TOMLBare' ? node.name : node.value;
    const style = node.type === 'TOMLBare' ? 'plain' : 'quoted';
    return { kind: 'text', text: this.#place(value, start, end), style, start, end };
  }

  #content(node: AST.TOMLContentNode): Value {
    const start = node.range[0] + this.#shift;
    const end = node.range[1] + this.#shift;
    if (node.type === 'TOMLArray')
      return new ListNode(
        start,
        node.elements.map((e) => this.#settled(this.#content(e))),
        this.#budget,
      );
    if (node.type === 'TOMLInlineTable') {
      const table: Table = { start, entries: new Map() };
      for (const pair of node.body) this.#assign(table, pair);
      return { kind: 'table', table };
    }
    if (node.kind !== 'string') return { kind: 'empty', start };
    return { kind: 'text', text: this.#place(node.value, start, end), style: 'quoted', start, end };
  }

  /** Finds the value inside its source; with escapes in it, it has no place. */
  #place(value: string, start: number, end: number): TextNode['text'] {
    const source = this.#text.slice(start, end);
    const edge = (source.length - value.length) / 2;
    for (const inset of [edge, 4, 5]) {
      if (Number.isInteger(inset) && source.startsWith(value, inset)) return verbatim(value, start + inset);
    }
    return unmapped(value);
  }

  #settled(value: Value): ConfigNode {
    if (value.kind === 'table') return this.#closed(value.table);
    if (value.kind !== 'tables') return value;
    const items = value.tables.map((table) => this.#closed(table));
    return new ListNode(value.tables[0]?.start ?? 0, items, this.#budget);
  }

  #closed(table: Table): MapNode {
    const entries: MapEntry[] = [];
    for (const { key, value } of table.entries.values()) entries.push({ key, value: this.#settled(value) });
    return new MapNode(table.start, entries, this.#budget);
  }
}

/** The parser recurses into brackets and dotted keys; its stack is not for strangers to fill. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 91 || c === 123) {
      if (++depth > DEPTH_LIMIT) return true;
    } else if (c === 93 || c === 125) depth = Math.max(0, depth - 1);
    else if (c === 46) {
      if (++dots > 1024) return true;
    } else if (c === 10) {
      dots = 0;
    }
  }
  return false;
}
