import { type CST, Parser } from 'yaml';
import { messageOf } from '../../domain/errors.ts';
import { WorkBudget } from '../work-budget.ts';
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
import { blockText, plainScalarText, quotedText } from './yaml-scalars.ts';

type Token = CST.Token;
type Props = readonly CST.SourceToken[];

/**
 * Reads a YAML stream into nodes that know their place. Built on the concrete syntax tree of the `yaml` package, which
 * keeps every character and never expands an alias: an alias is the anchor's node itself, so bombs stay small. Reads on
 * after mistakes; what is not understood is left out. Pure, linear, never throws.
 *
 * `budget` pays for what is done with the nodes. `offset` is added to every place: where `text` is a part of a file.
 */
export function readYaml(text: string, budget = new WorkBudget(), offset = 0): ReadDocuments {
  const documents: ConfigNode[] = [];
  const faults: ReadFault[] = [];
  try {
    for (const token of new Parser().parse(text)) {
      if (token.type === 'document') {
        const builder = new DocumentBuilder(offset, faults, budget);
        const node = token.value === undefined ? null : builder.node(token.value, token.start, 0);
        if (node !== null) documents.push(node);
      } else if (token.type === 'error') {
        faults.push({ code: 'syntax', offset: offset + token.offset, message: `not YAML: ${token.message}` });
      }
    }
  } catch (cause) {
    // The parser keeps its own stack and is not known to throw; should it, this file alone is given up.
    const message = `not read as YAML: ${messageOf(cause)}`;
    faults.push({ code: 'syntax', offset, message });
  }
  return { documents, faults };
}

class DocumentBuilder {
  readonly #offset: number;
  readonly #faults: ReadFault[];
  readonly #budget: WorkBudget;
  readonly #anchors = new Map<string, ConfigNode>();
  #tooDeep = false;

  constructor(offset: number, faults: ReadFault[], budget: WorkBudget) {
    this.#offset = offset;
    this.#faults = faults;
    this.#budget = budget;
  }

  /** The node of a token; `props` are the tokens before it, where its anchor stands. */
  node(token: Token | null | undefined, props: Props, depth: number): ConfigNode {
    const node = this.#bare(token, props, depth);
    for (const prop of props) {
      if (prop.type === 'anchor') this.#anchors.set(prop.source.slice(1), node);
    }
    return node;
  }

  #bare(token: Token | null | undefined, props: Props, depth: number): ConfigNode {
    const at = this.#offset + (token?.offset ?? lastOffset(props));
    if (token === null || token === undefined) return { kind: 'empty', start: at };
    if (depth > DEPTH_LIMIT) return this.#refuseDepth(at);
    switch (token.type) {
      case 'alias':
        return this.#anchors.get(token.source.slice(1)) ?? { kind: 'empty', start: at };
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
      case 'block-scalar':
        return this.#scalar(token);
      case 'block-map':
        return new MapNode(at, this.#entries(token.items, depth), this.#budget, true);
      case 'block-seq':
        return new ListNode(
          at,
          token.items.map((i) => this.node(i.value, i.start, depth + 1)),
          this.#budget,
        );
      case 'flow-collection':
        return token.start.type === 'flow-map-start'
          ? new MapNode(at, this.#entries(token.items, depth), this.#budget, true)
          : this.#flowList(token, at, depth);
      default:
        return { kind: 'empty', start: at };
    }
  }

  #flowList(token: CST.FlowCollection, start: number, depth: number): ListNode {
    const items: ConfigNode[] = [];
    for (const item of token.items) {
      // `[a: b]` is a list of one small map.
      if (item.sep && item.key) items.push(new MapNode(start, this.#entries([item], depth), this.#budget));
      else if (item.value ?? item.key) items.push(this.node(item.value ?? item.key, item.start, depth + 1));
    }
    return new ListNode(start, items, this.#budget);
  }

  #entries(
    items: readonly (CST.BlockMap['items'][number] | CST.FlowCollection['items'][number])[],
    depth: number,
  ): MapEntry[] {
    const entries: MapEntry[] = [];
    for (const item of items) {
      const { key, sep } = item;
      // `{a, b}`: in a flow map a lone scalar is a key without value.
      const keyToken = key ?? (sep ? null : item.value);
      if (!keyToken) continue;
      const keyNode = this.node(keyToken, item.start, depth + 1);
      const value = this.node(sep ? item.value : null, sep ?? item.start, depth + 1);
      if (keyNode.kind === 'text') entries.push({ key: keyNode, value });
    }
    return entries;
  }

  #scalar(token: CST.FlowScalar | CST.BlockScalar): TextNode {
    const start = this.#offset + token.offset;
    if (token.type === 'block-scalar') {
      const { text, end } = blockText(token, this.#offset);
      return { kind: 'text', text, style: 'block', start, end };
    }
    const { source } = token;
    const end = start + source.length;
    if (token.type === 'scalar')
      return { kind: 'text', text: plainScalarText(source, start), style: 'plain', start, end };
    const quote = token.type === 'single-quoted-scalar' ? 'single' : 'double';
    return { kind: 'text', text: quotedText(quote, source, start), style: 'quoted', start, end };
  }

  #refuseDepth(offset: number): ConfigNode {
    if (!this.#tooDeep) {
      const message = `nested deeper than ${DEPTH_LIMIT} levels: the deeper part is not read`;
      this.#faults.push({ code: 'too-deep', offset, message });
    }
    this.#tooDeep = true;
    return { kind: 'empty', start: offset };
  }
}

function lastOffset(props: Props): number {
  const last = props.at(-1);
  return last === undefined ? 0 : last.offset + last.source.length;
}
