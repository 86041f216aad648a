import type { Skip } from '../../../domain/site.ts';
import { readEmbeddedYaml } from '../../readers/embedded-yaml.ts';
import { unmapped } from '../../readers/mapped-text.ts';
import type { ConfigNode, MapNode } from '../../readers/node.ts';
import { namedValue } from './build-values.ts';
import type { SiteCollector } from './collector.ts';
import { addCommand } from './docker-commands.ts';
import { eachMap, textsOf } from './documents.ts';
import { isPicture, looksTagged } from './names.ts';
import { imageFromKeys } from './separate-keys.ts';
import { TAG_ELSEWHERE } from './skips.ts';

/** Kinds whose texts are data of others, or schemas: there only what reads like an image is one. */
const DATA_KINDS: ReadonlySet<string> = new Set([
  'ConfigMap',
  'Secret',
  'SealedSecret',
  'CustomResourceDefinition',
]);
/** Keys below which nothing is a container: labels and annotations may be called anything. */
const PASSED_KEYS: ReadonlySet<string> = new Set([
  'metadata',
  'status',
  'labels',
  'annotations',
  'matchLabels',
]);
/** Manifests and values in the texts of a manifest may hold such again; nobody means a third level. */
const EMBEDDING_LIMIT = 2;

/** Whether a document is a Kubernetes object. */
export function isManifest(document: MapNode): boolean {
  return document.text('apiVersion') !== undefined && document.text('kind') !== undefined;
}

const NOT_A_CONTAINER: Skip = {
  reason: 'unsupported-spelling',
  detail: 'this is data or a label, which anything may read: pin it by hand to have it followed',
};

/**
 * Takes the images of a Kubernetes object, whatever its kind: by `image` keys, as the API's conventions name them, and
 * in manifests that stand in its texts (a ConfigMap's files). In other data and in metadata only what is pinned counts.
 */
export function addManifestImages(collector: SiteCollector, document: MapNode, depth = 0): void {
  if (!DATA_KINDS.has(document.value('kind') ?? '')) {
    eachMap(
      document,
      (map) => {
        const isData = map !== document && DATA_KINDS.has(map.value('kind') ?? '') && isManifest(map);
        if (isData) return 'past';
        imageKeys(collector, map);
        return 'into';
      },
      PASSED_KEYS,
    );
  }
  imagesInTexts(collector, document, depth);
}

/** Takes the images in manifests and values that stand in block texts, and what is pinned under `image` anywhere. */
export function imagesInTexts(collector: SiteCollector, root: ConfigNode, depth = 0): void {
  const texts = new Set<ConfigNode>();
  eachMap(root, (map) => {
    for (const { key, value } of map.entries) {
      if (value.kind !== 'text') continue;
      const text = value.text.value;
      if (key.text.value === 'image' && looksTagged(text)) {
        const skip = text.includes('@sha256:') ? {} : { skip: NOT_A_CONTAINER };
        collector.image(value.text, { kind: 'image', invalid: 'ignore', ...skip }, value.start);
      } else if (value.style === 'block' && depth < EMBEDDING_LIMIT && text.includes('image:')) {
        // Once, however often it is aliased.
        if (texts.has(value)) continue;
        texts.add(value);
        for (const document of readEmbeddedYaml(value, collector.budget)) {
          if (document.kind === 'map' && isManifest(document))
            addManifestImages(collector, document, depth + 1);
          else imagesInTexts(collector, document, depth + 1);
        }
      }
    }
    return 'into';
  });
}

function imageKeys(collector: SiteCollector, map: MapNode): void {
  for (const { key, value } of map.entries) {
    const name = key.text.value;
    if (value.kind === 'text') {
      if (name === 'image') {
        const text = value.text.value;
        // A container has a name; what else has an `image` may keep its tag in another key.
        const skip = map.get('name') === undefined && isBare(text) ? { skip: TAG_ELSEWHERE } : {};
        if (!isPicture(text))
          collector.image(value.text, { kind: 'image', invalid: 'ignore', ...skip }, value.start);
      } else if (/(?:Image|[_-]image|^imageName)$/.test(name) && looksTagged(value.text.value)) {
        collector.image(value.text, { kind: 'image', invalid: 'ignore' }, value.start);
      }
    } else if (value.kind === 'map' && (name === 'image' || name.endsWith('Image'))) {
      const reference = value.text('reference');
      const repository = value.text('repository');
      if (reference !== undefined && looksTagged(reference.text.value)) {
        // An image volume (`volumes[].image.reference`).
        collector.image(reference.text, { kind: 'image', invalid: 'ignore' }, reference.start);
      } else if (repository !== undefined && (value.get('tag') ?? value.get('digest')) !== undefined) {
        const [registry, tag, digest] = [value.text('registry'), value.text('tag'), value.text('digest')];
        imageFromKeys(collector, { registry, repository, tag, digest }, 'image');
      }
    } else if (name === 'from' && value.kind === 'map' && value.value('kind') === 'DockerImage') {
      // OpenShift's image streams and builds.
      const image = value.text('name');
      if (image !== undefined) collector.image(image.text, { kind: 'image', invalid: 'ignore' }, image.start);
    }
  }
  containerCommand(collector, map);
  // An operator is told its operands' images in its environment.
  const variable = map.value('name');
  const value = map.text('value');
  if (variable !== undefined && value !== undefined) namedValue(collector, variable, value.text, 'variable');
}

function isBare(text: string): boolean {
  return !text.includes('@') && !text.slice(text.lastIndexOf('/') + 1).includes(':');
}

/** Takes the build that a container runs: kaniko by its arguments, others by their command. */
export function containerCommand(collector: SiteCollector, container: MapNode): void {
  const image = container.text('image');
  const args = container.list('args');
  if (image === undefined || args.length === 0) return;
  const command = textsOf(container.list('command'));
  const isKaniko = command.length === 0 && /kaniko[^@]*executor|kaniko:/.test(image.text.value);
  const program = isKaniko ? [unmapped('/kaniko/executor')] : command;
  if (program.length > 0)
    addCommand(collector, [...program, ...textsOf(args)], { folder: '', at: image.start });
}
