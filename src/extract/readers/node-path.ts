import type { Result } from '../../domain/errors.ts';
import type { ConfigNode } from './node.ts';

type Step =
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'index'; readonly at: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'below' };

/** A path into YAML, JSON or TOML, ready to be followed. */
export type NodePath = readonly Step[];

const STEP_LIMIT = 32;

/**
 * Parses a path: `$.spec.containers[*].image`, `images.api`, `..image`, `['a.b'][0]`. The `$.` in front may be left out;
 * `*` and `[*]` are all entries or items, `..` is any depth. Filters and scripts of JSONPath are not known. The fault
 * quotes what is wrong.
 */
export function parseNodePath(path: string): Result<NodePath, string> {
  const steps: Step[] = [];
  let at = path.startsWith('$') ? 1 : 0;
  while (at < path.length) {
    if (steps.length >= STEP_LIMIT) return fault(`has more than ${STEP_LIMIT} steps`);
    if (path.startsWith('..', at)) {
      steps.push({ kind: 'below' });
      at += path[at + 2] === '[' ? 2 : 1;
      continue;
    }
    if (path[at] === '[') {
      const close = path.indexOf(']', quotedEnd(path, at + 1));
      if (close < 0) return fault('has a "[" without its "]"');
      const step = bracket(path.slice(at + 1, close).trim());
      if (step === null)
        return fault(
          `has ${JSON.stringify(path.slice(at, close + 1).slice(0, 80))}, which is not an index, key or "*"`,
        );
      steps.push(step);
      at = close + 1;
      continue;
    }
    const from = path[at] === '.' ? at + 1 : at;
    let end = from;
    while (end < path.length && path[end] !== '.' && path[end] !== '[') end++;
    const name = path.slice(from, end);
    if (name === '' || (from === at && at > 0)) return fault(`has no key at character ${from + 1}`);
    steps.push(name === '*' ? { kind: 'all' } : { kind: 'key', name });
    at = end;
  }
  const last = steps.at(-1);
  if (last === undefined || last.kind === 'below') return fault('names nothing: end it with a key');
  return { ok: true, value: steps };
}

/** The nodes that a path leads to, each once, in the order of the document. Linear in nodes and steps. */
export function followPath(root: ConfigNode, path: NodePath): readonly ConfigNode[] {
  let nodes = new Set<ConfigNode>([root]);
  for (const step of path) {
    const next = new Set<ConfigNode>();
    for (const node of nodes) take(node, step, next);
    nodes = next;
  }
  return [...nodes];
}

function take(node: ConfigNode, step: Step, into: Set<ConfigNode>): void {
  switch (step.kind) {
    case 'key': {
      const value = node.kind === 'map' ? node.get(step.name) : undefined;
      if (value !== undefined) into.add(value);
      return;
    }
    case 'index': {
      const item = node.kind === 'list' ? node.items.at(step.at) : undefined;
      if (item !== undefined) into.add(item);
      return;
    }
    case 'all':
      for (const child of childrenOf(node)) into.add(child);
      return;
    case 'below':
      addBelow(node, into);
  }
}

function addBelow(root: ConfigNode, into: Set<ConfigNode>): void {
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (into.has(node)) continue;
    into.add(node);
    for (const child of childrenOf(node).toReversed()) waiting.push(child);
  }
}

function childrenOf(node: ConfigNode): readonly ConfigNode[] {
  if (node.kind === 'list') return node.items;
  return node.kind === 'map' ? Array.from(node.merged(), ({ value }) => value) : [];
}

/** Behind a quoted key that begins at `at`, or `at` where none does. */
function quotedEnd(path: string, at: number): number {
  const quote = path[at];
  if (quote !== '"' && quote !== "'") return at;
  const close = path.indexOf(quote, at + 1);
  return close < 0 ? path.length : close;
}

function bracket(inner: string): Step | null {
  if (inner === '*') return { kind: 'all' };
  if (/^-?\d{1,6}$/.test(inner)) return { kind: 'index', at: Number(inner) };
  const quoted = /^(?:'([^']+)'|"([^"]+)")$/.exec(inner);
  const name = quoted?.[1] ?? quoted?.[2];
  return name === undefined ? null : { kind: 'key', name };
}

function fault(problem: string): { readonly ok: false; readonly fault: string } {
  return { ok: false, fault: `the path ${problem}` };
}
