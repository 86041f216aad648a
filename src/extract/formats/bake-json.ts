import type { FormatExtractor } from '../format.ts';
import { readJson } from '../readers/json.ts';
import type { MappedText } from '../readers/mapped-text.ts';
import type { MapNode } from '../readers/node.ts';
import { namedTexts } from './common/build-section.ts';
import { addBuild, namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith } from './common/documents.ts';
import type { Scope } from './common/expand.ts';
import { addInlineDockerfile } from './common/inline-dockerfile.ts';
import { folderOf, resolvePath } from './common/paths.ts';

/** Bake files in JSON: arguments and contexts of targets, followed through variables, and Dockerfiles inside them. */
export const bakeJson: FormatExtractor = {
  format: 'bake',
  matchesPath: (path) => /(?:^|\/)(?:[^/]*[-.])?docker-bake[^/]*\.json$|(?:^|\/)bake[^/]*\.json$/.test(path),
  mayHold: (text) => text.includes('"target"'),
  extract: (file) =>
    extractWith(file, 'bake', readJson, (collector, root) => {
      if (root.kind !== 'map') return;
      const variables = new Map<string, MappedText>();
      for (const { key, value } of root.map('variable')?.entries ?? []) {
        const fallback = value.kind === 'map' ? value.text('default') : undefined;
        if (fallback === undefined) continue;
        variables.set(key.text.value, fallback.text);
        namedValue(collector, key.text.value, fallback.text, 'variable');
      }
      const targets = root.map('target');
      for (const { value } of targets?.entries ?? []) {
        if (value.kind === 'map') addTarget(collector, value, targets, (name) => variables.get(name));
      }
    }),
};

const INHERIT_LIMIT = 8;

function addTarget(
  collector: SiteCollector,
  target: MapNode,
  targets: MapNode | undefined,
  scope: Scope,
): void {
  const folder = folderOf(collector.path);
  const context = resolvePath(folder, setting(target, targets, 'context') ?? '.');
  const file = setting(target, targets, 'dockerfile');
  const inline = target.text('dockerfile-inline');
  const dockerfile = file === undefined || context === null ? null : resolvePath(context, file);
  addBuild(collector, {
    at: target.start,
    dockerfile: inline === undefined ? dockerfile : collector.path,
    context: file !== undefined && dockerfile === null ? null : context,
    target: setting(target, targets, 'target') ?? null,
    args: namedTexts(target.get('args')),
    contexts: namedTexts(target.get('contexts')),
    scope,
  });
  if (inline !== undefined) addInlineDockerfile(collector, inline);
}

/** A target's setting, or that of the targets it inherits from. */
function setting(target: MapNode, targets: MapNode | undefined, name: string, depth = 0): string | undefined {
  const own = target.value(name);
  if (own !== undefined || depth > INHERIT_LIMIT) return own;
  for (const base of target.list('inherits').slice(0, INHERIT_LIMIT)) {
    const node = base.kind === 'text' ? targets?.map(base.text.value) : undefined;
    const inherited =
      node === undefined ? undefined : setting(node, targets, name, depth + INHERIT_LIMIT / 2);
    if (inherited !== undefined) return inherited;
  }
  return undefined;
}
