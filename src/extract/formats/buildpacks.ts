import type { SiteKind } from '../../domain/site.ts';
import type { FormatExtractor } from '../format.ts';
import { type MappedText, part } from '../readers/mapped-text.ts';
import type { MapNode, TextNode } from '../readers/node.ts';
import { readToml } from '../readers/toml.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith } from './common/documents.ts';
import { looksTagged } from './common/names.ts';
import { nameOf } from './common/paths.ts';

const SCHEME = /^docker:\/{1,3}/;

/** Cloud Native Buildpacks: the builder and `docker://` buildpacks of project.toml; run and build images of builder.toml. */
export const buildpacks: FormatExtractor = {
  format: 'buildpacks',
  matchesPath: (path) => nameOf(path) === 'project.toml' || nameOf(path) === 'builder.toml',
  mayHold: (text) => text.includes('buildpacks') || text.includes('image') || text.includes('builder'),
  extract: (file) =>
    extractWith(file, 'buildpacks', readToml, (collector, root) => {
      if (root.kind !== 'map') return;
      if (nameOf(file.path) === 'builder.toml') builderFile(collector, root);
      const project = root.map('io')?.map('buildpacks');
      if (project === undefined) return;
      take(collector, project.text('builder'), 'builder');
      for (const owner of [project, project.map('pre'), project.map('post'), project.map('build')]) {
        for (const group of owner?.list('group') ?? [])
          if (group.kind === 'map') packUri(collector, group.text('uri'));
      }
    }),
};

function builderFile(collector: SiteCollector, root: MapNode): void {
  take(collector, root.map('build')?.text('image'), 'image');
  take(collector, root.map('stack')?.text('build-image'), 'image');
  take(collector, root.map('stack')?.text('run-image'), 'image');
  for (const image of root.map('run')?.list('images') ?? []) {
    if (image.kind === 'map') take(collector, image.text('image'), 'image');
  }
  for (const key of ['buildpacks', 'extensions']) {
    for (const pack of root.list(key)) {
      if (pack.kind !== 'map') continue;
      packUri(collector, pack.text('uri'));
      take(collector, pack.text('image'), 'image');
    }
  }
}

/** A buildpack's `uri`: `docker://…`, or a reference with a tag or digest; others are registry ids, URLs and folders. */
function packUri(collector: SiteCollector, uri: TextNode | undefined): void {
  if (uri === undefined) return;
  const text = withoutScheme(uri);
  if (text !== uri.text || looksTagged(text.value)) collector.image(text, { kind: 'image' }, uri.start);
}

function withoutScheme({ text }: TextNode): MappedText {
  const scheme = SCHEME.exec(text.value)?.[0];
  return scheme === undefined ? text : part(text, scheme.length, text.value.length);
}

function take(collector: SiteCollector, node: TextNode | undefined, kind: SiteKind): void {
  if (node !== undefined) collector.image(withoutScheme(node), { kind }, node.start);
}
