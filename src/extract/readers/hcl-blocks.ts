import type { WorkBudget } from '../work-budget.ts';
import { type MapEntry, MapNode, type TextNode } from './node.ts';

/** Blocks of one type or label: those that carry on with a label, and those that end here. */
export type HclBlocks = {
  readonly key: TextNode;
  readonly labelled: Map<string, HclBlocks>;
  readonly bodies: MapNode[];
};

/** The blocks of a type or label among its siblings, made where there are none yet. */
export function childBlocks(blocks: Map<string, HclBlocks>, key: TextNode): HclBlocks {
  const found = blocks.get(key.text.value);
  if (found !== undefined) return found;
  const fresh: HclBlocks = { key, labelled: new Map(), bodies: [] };
  blocks.set(key.text.value, fresh);
  return fresh;
}

/** The entries a map has for such blocks. Blocks without labels stay apart; those with the same labels are one map, as Bake merges them. */
export function blockEntries(
  { key, labelled, bodies }: HclBlocks,
  budget: WorkBudget,
  isLabel = false,
): MapEntry[] {
  const own = bodies.length < 2 || !isLabel ? bodies : [joined(bodies, budget)];
  const entries: MapEntry[] = own.map((value) => ({ key, value }));
  if (labelled.size === 0) return entries;
  const inner = [...labelled.values()].flatMap((one) => blockEntries(one, budget, true));
  entries.push({ key, value: new MapNode(key.start, inner, budget) });
  return entries;
}

function joined(bodies: readonly MapNode[], budget: WorkBudget): MapNode {
  return new MapNode(
    bodies[0]?.start ?? 0,
    bodies.flatMap((body) => body.entries),
    budget,
  );
}
