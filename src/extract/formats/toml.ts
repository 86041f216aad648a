import type { Format, SiteKind } from '../../domain/site.ts';
import type { FormatExtractor } from '../format.ts';
import type { ConfigNode } from '../readers/node.ts';
import { readToml } from '../readers/toml.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith } from './common/documents.ts';

/** Which keys of which TOML files hold an image. A key path is `container.image`; `*` stands for any one key or item. */
export type TomlKeys = {
  readonly matchesPath: (path: string) => boolean;
  readonly keys: readonly string[];
  readonly kind?: SiteKind;
};

/** A format that reads images from given keys of TOML files, as a repository's configuration names them. */
export function tomlKeys(rule: TomlKeys, format: Format = 'toml'): FormatExtractor {
  const paths = rule.keys.map((key) => key.split('.'));
  return {
    format,
    matchesPath: rule.matchesPath,
    extract: (file) =>
      extractWith(file, format, readToml, (collector, root) => {
        for (const path of paths) take(collector, root, path, rule.kind ?? 'image');
      }),
  };
}

function take(collector: SiteCollector, node: ConfigNode, path: readonly string[], kind: SiteKind): void {
  const [key, ...rest] = path;
  if (key === undefined) {
    if (node.kind === 'text') collector.image(node.text, { kind }, node.start);
    return;
  }
  if (node.kind === 'list') {
    for (const item of node.items) take(collector, item, key === '*' ? rest : path, kind);
  } else if (node.kind === 'map') {
    const children = key === '*' ? node.entries.map((entry) => entry.value) : [node.get(key)];
    for (const child of children) if (child !== undefined) take(collector, child, rest, kind);
  }
}
