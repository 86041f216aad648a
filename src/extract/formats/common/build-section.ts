import { concat, type MappedText, unmapped } from '../../readers/mapped-text.ts';
import type { ConfigNode } from '../../readers/node.ts';
import { type NamedText, splitAssignment } from './build-values.ts';

/** No build has as many arguments. */
const NAME_LIMIT = 5000;

/** Build arguments or contexts as a map `NAME: value` or a list of `NAME=value`. */
export function namedTexts(node: ConfigNode | undefined): readonly NamedText[] {
  if (node?.kind === 'map') {
    const found: NamedText[] = [];
    for (const { key, value } of node.merged()) {
      if (found.length >= NAME_LIMIT) break;
      found.push({ name: key.text.value, value: value.kind === 'text' ? value.text : null });
    }
    return found;
  }
  if (node?.kind !== 'list') return [];
  return node.items.slice(0, NAME_LIMIT).flatMap((item) => {
    const assignment = item.kind === 'text' ? splitAssignment(item.text) : null;
    return assignment === null ? [] : [assignment];
  });
}

/** A script given as one text or as a list of lines (lists in it, YAML aliases, too), as one text. */
export function scriptText(node: ConfigNode | undefined): MappedText | null {
  if (node === undefined) return null;
  const lines: MappedText[] = [];
  collectLines(node, lines, 0);
  return lines.length === 0 ? null : concat(lines);
}

function collectLines(node: ConfigNode, lines: MappedText[], depth: number): void {
  if (node.kind === 'text') lines.push(node.text, NEW_LINE);
  if (node.kind !== 'list' || depth >= LIST_DEPTH) return;
  for (const item of node.items) collectLines(item, lines, depth + 1);
}

const LIST_DEPTH = 4;
const NEW_LINE = unmapped('\n');
