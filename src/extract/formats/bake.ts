import type { FormatExtractor } from '../format.ts';
import { readHcl } from '../readers/hcl.ts';
import { readJson } from '../readers/json.ts';
import { concat, type MappedText, part, trimmed } from '../readers/mapped-text.ts';
import type { ConfigNode, MapNode } from '../readers/node.ts';
import { namedTexts } from './common/build-section.ts';
import { addBuild, type NamedText, namedValue } from './common/build-values.ts';
import { type SiteCollector, VALUE_COST } from './common/collector.ts';
import { extractWith } from './common/documents.ts';
import { expandVariables, type Scope } from './common/expand.ts';
import { addInlineDockerfile } from './common/inline-dockerfile.ts';
import { folderOf, resolvePath } from './common/paths.ts';

const PATH =
  /(?:^|\/)(?:[^/]*[-.])?docker-bake[^/]*\.(?:hcl|json)$|(?:^|\/)bake[^/]*\.(?:hcl|json)$|\.bake\.(?:hcl|json)$/;
const INHERIT_LIMIT = 8;
/** Builds that a matrix makes of one target; more are not told apart. */
const ROW_LIMIT = 64;
/** Longer than any reference; what would grow by it is left alone. */
const LENGTH_LIMIT = 4096;
const NAME = /^\$\{([A-Za-z_][\w.-]{0,100})\}/;

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
  for (const row of matrixRows(line[0])) addBuiltTarget(collector, line, scope, row);
}

function addBuiltTarget(
  collector: SiteCollector,
  line: readonly MapNode[],
  variables: Scope,
  row: ReadonlyMap<string, MappedText>,
): void {
  const [target] = line;
  if (target === undefined || !collector.spend(costOf(line))) return;
  const scope: Scope = (name) => row.get(name) ?? variables(name);
  const setting = (name: string): string | undefined => {
    const text = line.map((one) => one.text(name)).find((one) => one !== undefined);
    return text === undefined ? undefined : expanded(filled(text.text, row), scope).value;
  };
  const named = (key: string): readonly NamedText[] =>
    namedOf(line, key).map(({ name, value }) => ({
      name,
      value: value === null ? null : filled(value, row),
    }));
  const folder = folderOf(collector.path);
  const context = resolvePath(folder, setting('context') ?? '.');
  const file = setting('dockerfile');
  const inline = line.map((one) => one.text('dockerfile-inline')).find((text) => text !== undefined);
  const dockerfile = file === undefined || context === null ? null : resolvePath(context, file);
  addBuild(collector, {
    at: target.start,
    dockerfile: inline === undefined ? dockerfile : collector.path,
    context: file !== undefined && dockerfile === null ? null : context,
    target: setting('target') ?? null,
    args: named('args'),
    contexts: named('contexts').map(({ name, value }) => ({
      name,
      value: value === null ? null : expanded(value, scope),
    })),
    scope,
  });
  if (inline === undefined) return;
  const text = filled(inline.text, row, scope);
  addInlineDockerfile(collector, { ...inline, text: unescaped(text) });
}

/** What a target costs with all that it inherits: targets can share one large base. */
function costOf(line: readonly MapNode[]): number {
  const sizes = line.map((one) => {
    const values = [one.get('args'), one.get('contexts')].map((node) =>
      node?.kind === 'map' ? node.entries.length : 0,
    );
    return values.reduce(
      (sum, count) => sum + VALUE_COST * count,
      one.value('dockerfile-inline')?.length ?? 0,
    );
  });
  return sizes.reduce((sum, size) => sum + size, VALUE_COST);
}

/** Arguments or contexts of a target and its bases; a name counts where it comes first. */
function namedOf(line: readonly MapNode[], key: string): readonly NamedText[] {
  const found = new Map<string, NamedText>();
  for (const one of line) {
    for (const text of namedTexts(one.get(key))) if (!found.has(text.name)) found.set(text.name, text);
  }
  return [...found.values()];
}

/** What `matrix` makes of a target: the texts of its names, and of their fields as `item.field`, for each build. */
function matrixRows(target: MapNode | undefined): readonly ReadonlyMap<string, MappedText>[] {
  let rows: ReadonlyMap<string, MappedText>[] = [new Map()];
  for (const { key, value } of target?.map('matrix')?.entries ?? []) {
    if (value.kind !== 'list' || value.items.length === 0) continue;
    if (rows.length * value.items.length > ROW_LIMIT) return [new Map()];
    rows = rows.flatMap((row) =>
      value.items.map((item) => new Map([...row, ...matrixTexts(key.text.value, item)])),
    );
  }
  return rows;
}

function matrixTexts(name: string, item: ConfigNode): readonly (readonly [string, MappedText])[] {
  if (item.kind === 'text') return [[name, item.text]];
  if (item.kind !== 'map') return [];
  return item.entries.flatMap(({ key, value }) =>
    value.kind === 'text' ? [[`${name}.${key.text.value}`, value.text] as const] : [],
  );
}

function expanded(text: MappedText, scope: Scope): MappedText {
  const answer = expandVariables(trimmed(text), scope);
  return answer.ok ? answer.text : text;
}

/** The text with `${name}` of a matrix, and of `scope` where one is given, replaced; `$${name}` is Docker's. */
function filled(text: MappedText, row: ReadonlyMap<string, MappedText>, scope?: Scope): MappedText {
  const { value } = text;
  if (row.size === 0 && scope === undefined) return text;
  const pieces: MappedText[] = [];
  let from = 0;
  for (let at = value.indexOf('${'); at >= 0; at = value.indexOf('${', at + 2)) {
    const name = value[at - 1] === '$' ? undefined : NAME.exec(value.slice(at, at + 104))?.[1];
    const known = name === undefined ? undefined : (row.get(name) ?? scope?.(name));
    if (name === undefined || known === undefined || known.value.length > LENGTH_LIMIT) continue;
    pieces.push(part(text, from, at), known);
    from = at + name.length + 3;
  }
  pieces.push(part(text, from, value.length));
  return concat(pieces);
}

/** `$${NAME}` as Bake hands it on: `${NAME}`. */
function unescaped(text: MappedText): MappedText {
  const { value } = text;
  const pieces: MappedText[] = [];
  let from = 0;
  for (let at = value.indexOf('$${'); at >= 0; at = value.indexOf('$${', at + 3)) {
    pieces.push(part(text, from, at));
    from = at + 1;
  }
  pieces.push(part(text, from, value.length));
  return concat(pieces);
}
