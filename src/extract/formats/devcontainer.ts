import type { FormatExtractor } from '../format.ts';
import { readJsonc } from '../readers/json.ts';
import type { MapNode } from '../readers/node.ts';
import { namedTexts } from './common/build-section.ts';
import { addBuild } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith } from './common/documents.ts';
import { folderOf, resolvePath } from './common/paths.ts';

const PATH = /(?:^|\/)(?:\.devcontainer\/(?:[^/]+\/)?devcontainer\.json|\.devcontainer\.json)$/;

/** Dev containers (containers.dev): `image`, and the arguments of `build`. Features are versioned by their lock file. */
export const devcontainer: FormatExtractor = {
  format: 'devcontainer',
  matchesPath: (path) => PATH.test(path),
  extract: (file) =>
    extractWith(file, 'devcontainer', readJsonc, (collector, root) => {
      if (root.kind !== 'map') return;
      const image = root.text('image');
      if (image !== undefined) collector.image(image.text, { kind: 'image' }, image.start);
      const build = root.map('build') ?? (root.text('dockerFile') === undefined ? undefined : root);
      if (build !== undefined) addDockerfile(collector, build);
      for (const { key } of root.map('features')?.entries ?? [])
        feature(collector, key.text.value, key.start);
    }),
};

function addDockerfile(collector: SiteCollector, build: MapNode): void {
  const folder = folderOf(collector.path);
  const file = build.value('dockerfile') ?? build.value('dockerFile');
  const dockerfile = file === undefined ? null : resolvePath(folder, file);
  addBuild(collector, {
    at: build.start,
    dockerfile,
    context:
      dockerfile === null && file !== undefined ? null : resolvePath(folder, build.value('context') ?? '.'),
    target: build.value('target') ?? null,
    args: namedTexts(build.get('args')),
  });
}

function feature(collector: SiteCollector, id: string, start: number): void {
  if (!id.includes('/') || id.startsWith('.') || id.includes('://')) return;
  const detail = 'a feature is no image to run: its digest stands in devcontainer-lock.json';
  collector.skip(id, start, 'unsupported-spelling', detail);
}
