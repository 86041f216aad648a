import type { FormatExtractor } from '../format.ts';
import type { MapNode } from '../readers/node.ts';
import { readToml } from '../readers/toml.ts';
import { namedTexts } from './common/build-section.ts';
import { addBuild } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith, textOr } from './common/documents.ts';
import { folderOf, nameOf, resolvePath } from './common/paths.ts';

/**
 * Cross (cross-rs): `image` of targets and of the build, and the Dockerfiles it builds, in Cross.toml or under
 * `metadata.cross` of a Cargo.toml. `pre-build` is nobody's image.
 */
export const cross: FormatExtractor = {
  format: 'cross',
  matchesPath: (path) => nameOf(path) === 'Cross.toml' || nameOf(path) === 'Cargo.toml',
  mayHold: (text) => text.includes('image') || text.includes('dockerfile'),
  extract: (file) => {
    const inCargo = nameOf(file.path) === 'Cargo.toml';
    // Most manifests have nothing to say of cross, and are large enough to be worth passing over.
    const read =
      inCargo && !file.text.includes('metadata.cross') ? () => ({ documents: [], faults: [] }) : readToml;
    return extractWith(file, 'cross', read, (collector, root) => {
      if (root.kind !== 'map') return;
      const sections = inCargo
        ? [root.map('workspace'), root.map('package')].map((owner) => owner?.map('metadata')?.map('cross'))
        : [root];
      for (const section of sections) if (section !== undefined) addSection(collector, section);
    });
  },
};

function addSection(collector: SiteCollector, section: MapNode): void {
  const build = section.map('build');
  if (build !== undefined) addTarget(collector, build);
  for (const { value } of section.map('target')?.entries ?? [])
    if (value.kind === 'map') addTarget(collector, value);
}

function addTarget(collector: SiteCollector, target: MapNode): void {
  const image = textOr(target.get('image'), 'name');
  if (image !== undefined) collector.image(image.text, { kind: 'image' }, image.start);
  const dockerfile = target.get('dockerfile');
  const file = textOr(dockerfile, 'file');
  if (file === undefined) return;
  const folder = folderOf(collector.path);
  const options = dockerfile?.kind === 'map' ? dockerfile : undefined;
  addBuild(collector, {
    at: file.start,
    dockerfile: resolvePath(folder, file.text.value),
    context: resolvePath(folder, options?.value('context') ?? '.'),
    args: namedTexts(options?.get('build-args')),
  });
}
