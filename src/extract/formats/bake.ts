import { folderOf } from '../../domain/path.ts';
import type { FormatExtractor } from '../format.ts';
import { BAKE } from '../interpolation/dialects.ts';
import { expandVariables, soleReading, type VariableScope, valuesOf } from '../interpolation/interpolate.ts';
import { readHcl } from '../readers/hcl.ts';
import { readJsonc } from '../readers/json.ts';
import { concat, type MappedText, part, trimmed } from '../readers/mapped-text.ts';
import type { ConfigNode, MapNode } from '../readers/node.ts';
import { namedTexts } from './common/build-section.ts';
import { addBuild, type NamedText, namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith } from './common/documents.ts';
import { addInlineDockerfile } from './common/inline-dockerfile.ts';
import { resolvePath } from './common/paths.ts';

const PATH =
  /(?:^|\/)(?:[^/]*[-.])?docker-bake[^/]*\.(?:hcl|json)$|(?:^|\/)bake[^/]*\.(?:hcl|json)$|\.bake\.(?:hcl|json)$/;
const INHERIT_LIMIT = 8;
/** Builds that a matrix makes of one target; more are not told apart. */
const ROW_LIMIT = 64;

/**
 * Bake files, HCL and JSON: arguments and contexts of targets, their own and inherited, followed through variables, and
 * Dockerfiles inside them. Spec: docs.docker.com/build/bake/reference.
 */
export const bake: FormatExtractor<'bake'> = {
  format: 'bake',
  docs: {
    files: '`*docker-bake*`, `bake*` and `*.bake` with `.hcl` or `.json`',
    finds:
      'arguments and contexts of targets, inherited ones too, through variables and `matrix`; inline Dockerfiles',
  },
  matchesPath: (path) => PATH.test(path),
  mayHold: (text) => text.includes('target') || text.includes('variable'),
  extract: (file) =>
    extractWith(file, 'bake', file.path.endsWith('.json') ? readJsonc : readHcl, (collector, root) => {
      if (root.kind === 'map') addBake(collector, root);
    }),
};

function addBake(collector: SiteCollector, root: MapNode): void {
  const variables = new Map<string, MappedText>();
  const scope: VariableScope = (name) => variables.get(name);
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

function addTarget(collector: SiteCollector, line: readonly MapNode[], scope: VariableScope): void {
  for (const row of matrixRows(line[0])) addBuiltTarget(collector, line, scope, row);
}

function addBuiltTarget(
  collector: SiteCollector,
  line: readonly MapNode[],
  variables: VariableScope,
  row: ReadonlyMap<string, MappedText>,
): void {
  const [target] = line;
  if (target === undefined) return;
  const scope: VariableScope = (name) => row.get(name) ?? variables(name);
  /** The text with `${name}` of a matrix replaced, and of variables, where they are asked for. */
  const filled = (text: MappedText, names: VariableScope = (name) => row.get(name)): MappedText =>
    soleReading(text, BAKE, valuesOf(names), collector.budget);
  const setting = (name: string): string | undefined => {
    const text = line.map((one) => one.text(name)).find((one) => one !== undefined);
    return text === undefined ? undefined : expanded(collector, filled(text.text), scope).value;
  };
  const named = (key: string): readonly NamedText[] =>
    namedOf(line, key).map(({ name, value }) => ({
      name,
      value: value === null ? null : filled(value),
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
      value: value === null ? null : expanded(collector, value, scope),
    })),
    scope,
  });
  if (inline === undefined) return;
  addInlineDockerfile(collector, { ...inline, text: unescaped(filled(inline.text, scope)) });
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

function expanded(collector: SiteCollector, text: MappedText, scope: VariableScope): MappedText {
  const answer = expandVariables(trimmed(text), scope, collector.budget);
  return answer.ok ? answer.text : text;
}

/** `$${NAME}` as Bake hands it on: `${NAME}`. */
function unescaped(text: MappedText): MappedText {
  const { value } = text;
  if (!value.includes('$${')) return text;
  const pieces: MappedText[] = [];
  let from = 0;
  for (let at = value.indexOf('$${'); at >= 0; at = value.indexOf('$${', at + 3)) {
    pieces.push(part(text, from, at));
    from = at + 1;
  }
  pieces.push(part(text, from, value.length));
  return concat(pieces);
}
