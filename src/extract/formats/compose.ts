import { folderOf } from '../../domain/path.ts';
import type { Skip } from '../../domain/site.ts';
import type { FormatExtractor } from '../format.ts';
import { NO_VARIABLES } from '../interpolation/interpolate.ts';
import type { ConfigNode, MapNode, TextNode } from '../readers/node.ts';
import { namedTexts } from './common/build-section.ts';
import { addBuild } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractYamlMaps } from './common/documents.ts';
import { addInlineDockerfile } from './common/inline-dockerfile.ts';
import { resolvePath } from './common/paths.ts';
import { addPinnedTexts } from './common/pinned-texts.ts';

const PATH = /(?:^|\/)(?:docker-)?(?:compose|stack)[^/]*\.ya?ml$/;

const OLD_PATH = /(?:^|\/)(?:docker-)?compose(?:[-_.][^/]*)?\.ya?ml$/;

const BUILT_HERE: Skip = {
  reason: 'local-image',
  detail: 'this service has a `build`: its image is what the build makes, not what it starts from',
};

/**
 * Compose files (compose-spec): images of services, their `${VAR:-default}` included, and what their builds pass on.
 * Files of version 1, without `services`, too.
 */
export const compose: FormatExtractor<'compose'> = {
  format: 'compose',
  docs: {
    files: '`compose*.yaml`, `docker-compose*.yml`, `docker-stack*.yml`',
    finds:
      '`image` of services (through `<<` and anchors, version 1 too), image volumes, `${VAR:-image}`; build arguments, `additional_contexts`, `dockerfile_inline`',
  },
  matchesPath: (path) => PATH.test(path),
  mayHold: (text) => text.includes('image') || text.includes('build'),
  extract: (file) =>
    extractYamlMaps(file, 'compose', (collector, root) => {
      const seen = new Set<ConfigNode>();
      const images = new Set<ConfigNode>();
      // Version 1 has its services at the top; a `stack.yaml` is Haskell's as often.
      const isOld = root.get('version') === undefined && OLD_PATH.test(file.path);
      const services = root.map('services') ?? (isOld ? root : undefined);
      for (const { value } of services?.merged() ?? []) {
        if (value.kind === 'map' && !seen.has(value)) service(collector, value, images);
        seen.add(value);
      }
      // Fragments that services merge; one that no service uses is pinned all the same.
      for (const { key, value } of root.entries) {
        if (!key.text.value.startsWith('x-') || value.kind !== 'map' || seen.has(value)) continue;
        const image = value.text('image');
        if (image !== undefined && !images.has(image)) service(collector, value, images);
      }
      if (services !== undefined) addPinnedTexts(collector, root);
    }),
};

/** `images` notes the scalars that services have spoken for, merged ones too. */
function service(collector: SiteCollector, node: MapNode, images: Set<ConfigNode>): void {
  const build = node.get('build');
  const image = node.text('image');
  const isBuilt = build !== undefined && build.kind !== 'empty';
  if (image !== undefined) {
    images.add(image);
    collector.image(
      image.text,
      { kind: 'image', ...(isBuilt ? { skip: BUILT_HERE } : {}), scope: NO_VARIABLES },
      image.start,
    );
  }
  for (const volume of node.list('volumes')) {
    const source =
      volume.kind === 'map' && volume.value('type') === 'image' ? volume.text('source') : undefined;
    if (source !== undefined)
      collector.image(source.text, { kind: 'image', scope: NO_VARIABLES }, source.start);
  }
  if (build?.kind === 'map') buildSection(collector, build);
  else if (build?.kind === 'text') {
    const context = resolvePath(folderOf(collector.path), build.text.value);
    addBuild(collector, { at: build.start, dockerfile: null, context, args: [] });
  }
}

function buildSection(collector: SiteCollector, build: MapNode): void {
  const folder = folderOf(collector.path);
  const written = build.value('context');
  const context = resolvePath(folder, written ?? '.');
  const inline = build.text('dockerfile_inline');
  const dockerfile = dockerfilePath(context, build.text('dockerfile'));
  addBuild(collector, {
    at: build.start,
    dockerfile: inline === undefined ? dockerfile : collector.path,
    context: dockerfile === null && build.text('dockerfile') !== undefined ? null : context,
    target: build.value('target') ?? null,
    args: namedTexts(build.get('args')),
    contexts: namedTexts(build.get('additional_contexts')),
  });
  if (inline !== undefined) addInlineDockerfile(collector, inline);
}

/** A Dockerfile named by a build is seen from its context. */
function dockerfilePath(context: string | null, dockerfile: TextNode | undefined): string | null {
  if (dockerfile === undefined || context === null) return null;
  return resolvePath(context, dockerfile.text.value);
}
