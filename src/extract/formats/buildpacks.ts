import type { SiteKind } from '../../domain/site.ts';
import type { FormatExtractor } from '../format.ts';
import { part } from '../readers/mapped-text.ts';
import type { MapNode, TextNode } from '../readers/node.ts';
import { readToml } from '../readers/toml.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith } from './common/documents.ts';
import { nameOf } from './common/paths.ts';

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

function packUri(collector: SiteCollector, uri: TextNode | undefined): void {
  const scheme = /^docker:\/\/\/?/.exec(uri?.text.value ?? '')?.[0];
  if (uri === undefined || scheme === undefined) return;
  collector.image(part(uri.text, scheme.length, uri.text.value.length), { kind: 'image' }, uri.start);
}

function take(collector: SiteCollector, node: TextNode | undefined, kind: SiteKind): void {
  if (node !== undefined) collector.image(node.text, { kind }, node.start);
}
