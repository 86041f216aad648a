import type { MapNode } from '../../readers/node.ts';
import { namedValue } from './build-values.ts';
import type { SiteCollector } from './collector.ts';
import { eachMap } from './documents.ts';
import { isPicture, looksTagged } from './names.ts';
import { imageFromKeys } from './separate-keys.ts';

/** Kinds whose texts are data of others, or schemas: an `image` in them is no image of this manifest. */
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
  'openAPIV3Schema',
  'labels',
  'annotations',
  'matchLabels',
]);

/** Whether a document is a Kubernetes object. */
export function isManifest(document: MapNode): boolean {
  return document.text('apiVersion') !== undefined && document.text('kind') !== undefined;
}

/** Takes the images of a Kubernetes object, whatever its kind: by `image` keys, as the API's conventions name them. */
export function addManifestImages(collector: SiteCollector, document: MapNode): void {
  if (DATA_KINDS.has(document.value('kind') ?? '')) return;
  eachMap(
    document,
    (map) => {
      if (map !== document && DATA_KINDS.has(map.value('kind') ?? '') && map.get('apiVersion') !== undefined)
        return 'past';
      imageKeys(collector, map);
      return 'into';
    },
    PASSED_KEYS,
  );
}

function imageKeys(collector: SiteCollector, map: MapNode): void {
  for (const { key, value } of map.entries) {
    const name = key.text.value;
    if (value.kind === 'text') {
      if (name === 'image') {
        if (!isPicture(value.text.value))
          collector.image(value.text, { kind: 'image', invalid: 'ignore' }, value.start);
      } else if ((name.endsWith('Image') || name === 'imageName') && looksTagged(value.text.value)) {
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
  // An operator is told its operands' images in its environment.
  const variable = map.value('name');
  const value = map.text('value');
  if (variable !== undefined && value !== undefined) namedValue(collector, variable, value.text, 'variable');
}
