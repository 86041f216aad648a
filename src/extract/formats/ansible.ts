import { parseImageReference } from '../../domain/image-reference.ts';
import type { FormatExtractor } from '../format.ts';
import type { ConfigNode, MapNode } from '../readers/node.ts';
import { namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { eachMap, extractYaml } from './common/documents.ts';
import { addManifestImages } from './common/manifest-images.ts';
import { isPicture, looksTagged, saysImage } from './common/names.ts';
import { isYamlPath } from './common/paths.ts';
import { imageFromKeys } from './common/separate-keys.ts';

const TASKS = /(?:^|\/)(?:tasks|handlers)\/(?:[^/]+\/)*[^/]+$/;
const VARIABLES = /(?:^|\/)(?:(?:defaults|vars)\/[^/]+|(?:group|host)_vars\/(?:[^/]+\/)?[^/]+)$/;
/** Modules that run containers, by their short names and those of their collections. */
const CONTAINER_MODULE = /docker|podman|container|swarm|nomad/;

const NO_CONTAINER =
  'this module is not known to run containers: an image without a tag is taken for a machine image';

/**
 * Ansible: images of container modules in tasks and handlers, whole manifests in `k8s` tasks, and variables that hold a
 * pinned image. Other modules' `image` is as often a machine's; it counts only where it reads like a container's.
 */
export const ansible: FormatExtractor<'ansible'> = {
  format: 'ansible',
  docs: {
    files: '`tasks/**`, `handlers/**`; `defaults/`, `vars/`, `group_vars/`, `host_vars/`',
    finds:
      '`image` of container modules, `docker_image` by name and tag, manifests in `k8s` tasks; in variables only what is pinned',
  },
  byContent: true,
  matchesPath: (path) => isYamlPath(path) && (TASKS.test(path) || VARIABLES.test(path)),
  mayHold: (text) => /image/i.test(text),
  extract: (file) =>
    extractYaml(file, 'ansible', (collector, root) => {
      if (TASKS.test(file.path)) tasks(collector, root);
      else if (root.kind === 'map') variables(collector, root);
    }),
};

function tasks(collector: SiteCollector, root: ConfigNode): void {
  const taken = new Set<ConfigNode>();
  eachMap(root, (map) => {
    for (const { key, value } of map.entries) {
      const name = key.text.value;
      if (value.kind === 'map' && CONTAINER_MODULE.test(name)) {
        taken.add(value);
        moduleImage(collector, name, value);
      }
      if (value.kind === 'map' && name === 'definition' && value.get('kind') !== undefined) {
        addManifestImages(collector, value);
        return 'past';
      }
    }
    const image = map.text('image');
    if (image !== undefined && !taken.has(map)) {
      if (looksTagged(image.text.value))
        collector.image(image.text, { kind: 'image', invalid: 'ignore' }, image.start);
      else if (!isPicture(image.text.value) && parseImageReference(image.text.value).ok)
        collector.skip(image.text.value, image.start, 'unsupported-spelling', NO_CONTAINER);
    }
    return 'into';
  });
}

function moduleImage(collector: SiteCollector, module: string, options: MapNode): void {
  const image = options.text('image');
  if (image !== undefined && !isPicture(image.text.value)) {
    collector.image(image.text, { kind: 'image', invalid: 'ignore' }, image.start);
  }
  // `docker_image` and `docker_image_pull` name it in parts; what they build, load or push is no base.
  const name = options.text('name');
  const pulls =
    ['pull', undefined].includes(options.value('source')) &&
    options.get('push') === undefined &&
    options.get('build') === undefined;
  if (!/image(?:_pull)?$/.test(module) || name === undefined || !pulls || options.value('state') === 'absent')
    return;
  const tag = options.text('tag');
  if (tag === undefined) collector.image(name.text, { kind: 'image', invalid: 'ignore' }, name.start);
  else imageFromKeys(collector, { repository: name, tag }, 'image');
}

function variables(collector: SiteCollector, root: MapNode): void {
  eachMap(root, (map) => {
    for (const { key, value } of map.entries) {
      if (value.kind === 'text' && saysImage(key.text.value))
        namedValue(collector, key.text.value, value.text, 'variable');
    }
    return 'into';
  });
}
