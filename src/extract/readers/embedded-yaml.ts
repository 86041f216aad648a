import { approximate, embedded } from './mapped-text.ts';
import { type ConfigNode, type MapEntry, MapNode, type TextNode } from './node.ts';
import { maskTemplates } from './template-mask.ts';
import { readYaml } from './yaml.ts';

/** Reads YAML that stands in a scalar (a `values: |` block) into nodes that know their place in the file. */
export function readEmbeddedYaml(outer: TextNode): readonly ConfigNode[] {
  const moved = new Map<ConfigNode, ConfigNode>();
  return readYaml(maskTemplates(outer.text.value)).documents.map((document) => move(document, outer, moved));
}

/** Aliased nodes stay one node. The reader has bounded the depth. */
function move(node: ConfigNode, outer: TextNode, moved: Map<ConfigNode, ConfigNode>): ConfigNode {
  const known = moved.get(node);
  if (known !== undefined) return known;
  const fresh = movedNode(node, outer, moved);
  moved.set(node, fresh);
  return fresh;
}

function movedNode(node: ConfigNode, outer: TextNode, moved: Map<ConfigNode, ConfigNode>): ConfigNode {
  const start = approximate(outer.text, node.start, outer.start);
  switch (node.kind) {
    case 'text':
      return movedText(node, outer);
    case 'list':
      return { kind: 'list', start, items: node.items.map((item) => move(item, outer, moved)) };
    case 'map': {
      const entries: MapEntry[] = node.entries.map(({ key, value }) => ({
        key: movedText(key, outer),
        value: move(value, outer, moved),
      }));
      return new MapNode(start, entries, true);
    }
    case 'empty':
      return { kind: 'empty', start };
  }
}

function movedText(node: TextNode, outer: TextNode): TextNode {
  const start = approximate(outer.text, node.start, outer.start);
  const end = approximate(outer.text, node.end, outer.start);
  return { ...node, text: embedded(outer.text, node.text), start, end };
}
