import type { WorkBudget } from '../work-budget.ts';
import { approximate, embedded } from './mapped-text.ts';
import { type ConfigNode, ListNode, type MapEntry, MapNode, type TextNode } from './node.ts';
import { maskTemplates } from './template-mask.ts';
import { readYaml } from './yaml.ts';

/** What a character costs: as YAML it is more work than split into words. */
const CHARACTER_COST = 2;

/**
 * Reads YAML that stands in a scalar (a `values: |` block) into nodes that know their place in the file; nothing where
 * `budget` cannot pay for the text, which may be aliased many times.
 */
export function readEmbeddedYaml(outer: TextNode, budget: WorkBudget): readonly ConfigNode[] {
  const { value } = outer.text;
  if (!budget.spend(CHARACTER_COST * value.length)) return [];
  return new Mover(outer, budget).move(readYaml(maskTemplates(value), budget).documents);
}

/** Gives the nodes of an embedded document their places in the file around it. */
class Mover {
  readonly #outer: TextNode;
  readonly #budget: WorkBudget;
  readonly #moved = new Map<ConfigNode, ConfigNode>();

  constructor(outer: TextNode, budget: WorkBudget) {
    this.#outer = outer;
    this.#budget = budget;
  }

  move(nodes: readonly ConfigNode[]): readonly ConfigNode[] {
    return nodes.map((node) => this.#node(node));
  }

  /** Aliased nodes stay one node. The reader has bounded the depth. */
  #node(node: ConfigNode): ConfigNode {
    const known = this.#moved.get(node);
    if (known !== undefined) return known;
    const fresh = this.#fresh(node);
    this.#moved.set(node, fresh);
    return fresh;
  }

  #fresh(node: ConfigNode): ConfigNode {
    const start = approximate(this.#outer.text, node.start, this.#outer.start);
    switch (node.kind) {
      case 'text':
        return this.#text(node);
      case 'list':
        return new ListNode(start, this.move(node.items), this.#budget);
      case 'map': {
        const entries: MapEntry[] = node.entries.map(({ key, value }) => ({
          key: this.#text(key),
          value: this.#node(value),
        }));
        return new MapNode(start, entries, this.#budget, true);
      }
      case 'empty':
        return { kind: 'empty', start };
    }
  }

  #text(node: TextNode): TextNode {
    const { text, start: from } = this.#outer;
    const [start, end] = [approximate(text, node.start, from), approximate(text, node.end, from)];
    return { ...node, text: embedded(text, node.text), start, end };
  }
}
