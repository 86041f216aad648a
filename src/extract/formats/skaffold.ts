import type { FormatExtractor } from '../format.ts';
import type { MapNode } from '../readers/node.ts';
import { namedTexts } from './common/build-section.ts';
import { addBuild } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractYamlMaps } from './common/documents.ts';
import { folderOf, isYamlPath, nameOf, resolvePath } from './common/paths.ts';

/**
 * Skaffold: what its builds start from (build arguments, buildpack builders, `fromImage`), and the containers it runs.
 * `artifacts[].image` names what is built, not what it is built from.
 */
export const skaffold: FormatExtractor = {
  format: 'skaffold',
  matchesPath: (path) => isYamlPath(path) && /^skaffold/.test(nameOf(path)),
  mayHold: (text) => text.includes('apiVersion: skaffold/'),
  extract: (file) =>
    extractYamlMaps(file, 'skaffold', (collector, root) => {
      if (!root.value('apiVersion')?.startsWith('skaffold/')) return;
      section(collector, root);
      for (const profile of root.list('profiles')) if (profile.kind === 'map') section(collector, profile);
    }),
};

function section(collector: SiteCollector, root: MapNode): void {
  for (const artifact of root.map('build')?.list('artifacts') ?? []) {
    if (artifact.kind === 'map') addArtifact(collector, artifact);
  }
  for (const key of ['verify', 'customActions']) {
    for (const item of root.list(key)) {
      if (item.kind !== 'map') continue;
      const single = item.map('container');
      for (const container of [...(single === undefined ? [] : [single]), ...item.list('containers')]) {
        const image = container.kind === 'map' ? container.text('image') : undefined;
        if (image !== undefined) collector.image(image.text, { kind: 'image' }, image.start);
      }
    }
  }
}

function addArtifact(collector: SiteCollector, artifact: MapNode): void {
  const context = resolvePath(folderOf(collector.path), artifact.value('context') ?? '.');
  for (const key of ['docker', 'kaniko']) {
    const docker = artifact.map(key);
    if (docker === undefined) continue;
    const file = docker.value('dockerfile');
    const dockerfile = file === undefined || context === null ? null : resolvePath(context, file);
    const args = namedTexts(docker.get('buildArgs'));
    addBuild(collector, {
      at: docker.start,
      dockerfile,
      context,
      target: docker.value('target') ?? null,
      args,
    });
    const builder = key === 'kaniko' ? docker.text('image') : undefined;
    if (builder !== undefined) collector.image(builder.text, { kind: 'builder' }, builder.start);
  }
  const packs = artifact.map('buildpacks');
  for (const name of ['builder', 'runImage']) {
    const image = packs?.text(name);
    if (image !== undefined)
      collector.image(image.text, { kind: name === 'builder' ? 'builder' : 'image' }, image.start);
  }
  for (const key of ['jib', 'ko']) {
    const image = artifact.map(key)?.text('fromImage');
    if (image !== undefined) collector.image(image.text, { kind: 'image' }, image.start);
  }
}
