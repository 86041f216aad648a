import { locate } from '../../../src/extract/readers/mapped-text.ts';
import type { ConfigNode } from '../../../src/extract/readers/node.ts';

/** A node as plain data, empty nodes as null. */
export function plainValue(node: ConfigNode): unknown {
  switch (node.kind) {
    case 'text':
      return node.text.value;
    case 'list':
      return node.items.map(plainValue);
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key.text.value, plainValue(value)]));
    case 'empty':
      return null;
  }
}

/** Every scalar under a node, keys included, each once. */
export function scalars(node: ConfigNode, seen = new Set<ConfigNode>()): (ConfigNode & { kind: 'text' })[] {
  if (seen.has(node)) return [];
  seen.add(node);
  if (node.kind === 'text') return [node];
  if (node.kind === 'list') return node.items.flatMap((item) => scalars(item, seen));
  if (node.kind === 'map') {
    return node.entries.flatMap(({ key, value }) => [...scalars(key, seen), ...scalars(value, seen)]);
  }
  return [];
}

/** The scalars whose segments do not say what the file says there; must be empty. */
export function misplaced(file: string, node: ConfigNode): string[] {
  return scalars(node)
    .filter(({ text }) =>
      text.segments.some(
        ({ at, start, length }) => file.slice(start, start + length) !== text.value.slice(at, at + length),
      ),
    )
    .map(({ text }) => text.value);
}

/** The file with a scalar's whole value replaced in place; null where it stands nowhere as one piece. */
export function replaced(file: string, node: ConfigNode & { kind: 'text' }, value: string): string | null {
  const span = locate(node.text, 0, node.text.value.length);
  return span === null ? null : file.slice(0, span.start) + value + file.slice(span.end);
}
