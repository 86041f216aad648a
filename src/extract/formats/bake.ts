import type { FormatExtractor } from '../format.ts';
import { readHcl } from '../readers/hcl.ts';
import { readJson } from '../readers/json.ts';
import { concat, type MappedText, part, trimmed } from '../readers/mapped-text.ts';
import type { MapNode, TextNode } from '../readers/node.ts';
import { namedTexts } from './common/build-section.ts';
import { addBuild, type NamedText, namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith } from './common/documents.ts';
import { expandVariables, type Scope } from './common/expand.ts';
import { addInlineDockerfile } from './common/inline-dockerfile.ts';
import { folderOf, resolvePath } from './common/paths.ts';

const PATH =
  /(?:^|\/)(?:[^/]*[-.])?docker-bake[^/]*\.(?:hcl|json)$|(?:^|\/)bake[^/]*\.(?:hcl|json)$|\.bake\.(?:hcl|json)$/;
const INHERIT_LIMIT = 8;

/**
 * Bake files, HCL and JSON: arguments and contexts of targets, their own and inherited, followed through variables, and
 * Dockerfiles inside them. Spec: docs.docker.com/build/bake/reference.
 */
export const bake: FormatExtractor = {
  format: 'bake',
  matchesPath: (path) => PATH.test(path),
  mayHold: (text) => text.includes('target') || text.includes('variable'),
  extract: (file) =>
    extractWith(file, 'bake', file.path.endsWith('.json') ? readJson : readHcl, (collector, root) => {
      if (root.kind === 'map') addBake(collector, root);
    }),
};

function addBake(collector: SiteCollector, root: MapNode): void {
  const variables = new Map<string, MappedText>();
  const scope: Scope = (name) => variables.get(name);
  for (const { name, text } of variablesOf(root)) {
    variables.set(name, text);
    namedValue(collector, name, text, 'variable');
  }
  const targets = root.map('target');
  const inherited = new Set<string>();
  for (const { value } of targets?.entries ?? []) {
    const bases = value.kind === 'map' ? value.list('inherits') : [];
    for (const base of bases) if (base.kind === 'text') inherited.add(base.text.value);
  }
  for (const { key, value } of targets?.entries ?? []) {
    // `_common` is built by nobody: what it says counts in the targets that inherit it.
    if (value.kind !== 'map' || (/^[_.]/.test(key.text.value) && inherited.has(key.text.value))) continue;
    addTarget(collector, lineage(value, targets), scope);
  }
}

/** Blocks `variable` with a default, and attributes at the top, which are variables, too. */
function variablesOf(root: MapNode): { name: string; text: MappedText }[] {
  const blocks = root.map('variable')?.entries ?? [];
  return [...blocks, ...root.entries].flatMap(({ key, value }) => {
    const node = value.kind === 'map' ? (blocks.length > 0 ? value.text('default') : undefined) : value;
    return node?.kind === 'text' ? [{ name: key.text.value, text: node.text }] : [];
  });
}

/** A target and those it inherits from, in the order in which they count: its own settings, then the last base's. */
function lineage(target: MapNode, targets: MapNode | undefined, found: MapNode[] = []): readonly MapNode[] {
  if (found.includes(target) || found.length >= INHERIT_LIMIT) return found;
  found.push(target);
  for (const base of target.list('inherits').toReversed()) {
    const node = base.kind === 'text' ? targets?.map(base.text.value) : undefined;
    if (node !== undefined) lineage(node, targets, found);
  }
  return found;
}

function addTarget(collector: SiteCollector, line: readonly MapNode[], scope: Scope): void {
  const [target] = line;
  if (target === undefined) return;
  const folder = folderOf(collector.path);
  const context = resolvePath(folder, setting(line, 'context', scope) ?? '.');
  const file = setting(line, 'dockerfile', scope);
  const inline = line.map((one) => one.text('dockerfile-inline')).find((text) => text !== undefined);
  const dockerfile = file === undefined || context === null ? null : resolvePath(context, file);
  addBuild(collector, {
    at: target.start,
    dockerfile: inline === undefined ? dockerfile : collector.path,
    context: file !== undefined && dockerfile === null ? null : context,
    target: setting(line, 'target', scope) ?? null,
    args: named(line, 'args'),
    contexts: named(line, 'contexts').map(({ name, value }) => ({ name, value: expanded(value, scope) })),
    scope,
  });
  if (inline !== undefined)
    addInlineDockerfile(collector, { ...inline, text: dockerfileText(inline, scope) });
}

/** A setting of the target, or of the first it inherits from that has one. */
function setting(line: readonly MapNode[], name: string, scope: Scope): string | undefined {
  const text = line.map((one) => one.text(name)).find((one) => one !== undefined);
  return text === undefined ? undefined : (expanded(text.text, scope)?.value ?? text.text.value);
}

/** Arguments or contexts of a target and its bases; a name counts where it comes first. */
function named(line: readonly MapNode[], key: string): readonly NamedText[] {
  const found = new Map<string, NamedText>();
  for (const one of line) {
    for (const text of namedTexts(one.get(key))) if (!found.has(text.name)) found.set(text.name, text);
  }
  return [...found.values()];
}

function expanded(text: MappedText | null, scope: Scope): MappedText | null {
  if (text === null) return null;
  const answer = expandVariables(trimmed(text), scope);
  return answer.ok ? answer.text : text;
}

/** An inline Dockerfile as Bake hands it on: `${NAME}` is Bake's where it knows the name, `$${NAME}` is Docker's. */
function dockerfileText(node: TextNode, scope: Scope): MappedText {
  const { text } = node;
  const { value } = text;
  const pieces: MappedText[] = [];
  let from = 0;
  for (let at = value.indexOf('${'); at >= 0; at = value.indexOf('${', at + 2)) {
    if (value[at - 1] === '$') {
      pieces.push(part(text, from, at - 1));
      from = at;
      continue;
    }
    const name = /^\$\{([A-Za-z_][A-Za-z0-9_-]{0,100})\}/.exec(value.slice(at, at + 104))?.[1];
    const known = name === undefined ? undefined : scope(name);
    if (name === undefined || known === undefined) continue;
    pieces.push(part(text, from, at), known);
    from = at + name.length + 3;
  }
  pieces.push(part(text, from, value.length));
  return concat(pieces);
}
