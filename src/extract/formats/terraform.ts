import { parseImageReference } from '../../domain/image-reference.ts';
import type { FormatExtractor } from '../format.ts';
import { readJsonc } from '../readers/json.ts';
import { part } from '../readers/mapped-text.ts';
import type { ConfigNode, MapNode, TextNode } from '../readers/node.ts';
import type { SiteCollector } from './common/collector.ts';
import { eachMap, extractWith } from './common/documents.ts';
import { HclImages, readTemplatedHcl } from './common/hcl-images.ts';
import { looksTagged, saysImage } from './common/names.ts';

/** Resources whose `image` is a container image, whatever it looks like. In others it may be a machine's disk. */
const CONTAINERS =
  /^(?:docker_(?:container|service)|kubernetes_|aws_ecs_|google_cloud_run|azurerm_container_(?:group|app)|nomad_|koyeb_|fly_machine|scaleway_container|oci_container_)/;
/** Data sources and resources of the Docker provider whose `name` is an image that is fetched. */
const NAMED: ReadonlySet<string> = new Set(['docker_image', 'docker_registry_image']);
/** Images a cloud knows by itself, which no registry has. */
const OF_THE_CLOUD = /^aws\/codebuild\//;
const IMAGE_KEYS: ReadonlySet<string> = new Set([
  'image',
  'image_uri',
  'image_identifier',
  'container_image',
  'docker_image',
]);

/**
 * Terraform and OpenTofu: images of the Docker and Kubernetes providers, ECS and other container resources, and what
 * variables, locals and `.tfvars` files pin by digest. Variables are followed to their defaults in the same file.
 */
export const terraform: FormatExtractor<'terraform'> = {
  format: 'terraform',
  docs: {
    files: '`*.tf`, `*.tofu`, `*.tfvars`, the same in JSON',
    finds:
      "images of the Docker and Kubernetes providers, of ECS (`jsonencode` or a JSON text), Cloud Run, container groups; elsewhere what has a digest, or a registry's host and a tag",
  },
  matchesPath: (path) => /\.(?:tf|tofu|tfvars)(?:\.json)?$/.test(path) && !/(?:^|\/)\.terraform\//.test(path),
  mayHold: (text) => text.includes('image') || text.includes('sha256:'),
  extract: (file) =>
    extractWith(
      file,
      'terraform',
      file.path.endsWith('.json') ? readJsonc : readTemplatedHcl,
      (collector, root) => {
        if (root.kind !== 'map') return;
        const images = new HclImages(collector, root);
        for (const { key, value } of root.entries) {
          if (value.kind === 'map') block(collector, images, key.text.value, value);
          else if (value.kind === 'text') setting(images, key, value);
        }
        images.digests(root);
      },
    ),
};

function block(collector: SiteCollector, images: HclImages, type: string, blocks: MapNode): void {
  if (type === 'resource' || type === 'data') {
    for (const { key: resource, value: named } of blocks.entries) {
      if (named.kind !== 'map') continue;
      for (const { value: body } of named.entries) {
        if (body.kind === 'map') addResource(collector, images, type, resource.text.value, body);
      }
    }
  } else if (type === 'module') eachImage(images, blocks, false);
}

function addResource(
  collector: SiteCollector,
  images: HclImages,
  type: string,
  resource: string,
  body: MapNode,
): void {
  if (NAMED.has(resource)) {
    // With `build`, or as a `docker_registry_image` resource, the name is what comes out.
    const isBuilt =
      body.get('build') !== undefined || (type === 'resource' && resource === 'docker_registry_image');
    const name = body.get('name');
    if (!isBuilt && name !== undefined) images.image(name, { kind: 'image' });
    return;
  }
  eachImage(images, body, CONTAINERS.test(resource));
  const definitions = body.get('container_definitions');
  if (definitions?.kind === 'text') addDefinitions(collector, definitions);
}

/** Takes the image keys of a block and of all blocks in it; where they may mean a disk, only what is surely an image. */
function eachImage(images: HclImages, body: MapNode, certain: boolean): void {
  eachMap(body, (map) => {
    for (const { key, value } of map.entries) {
      if (!IMAGE_KEYS.has(key.text.value)) continue;
      if (key.text.value === 'image' && certain) images.image(value, { kind: 'image' });
      else if (value.kind === 'text' && isSurelyImage(value)) images.image(value, { kind: 'image' });
    }
    return 'into';
  });
}

/** A digest, or a registry's host with a tag. */
function isSurelyImage({ text }: TextNode): boolean {
  if (OF_THE_CLOUD.test(text.value)) return false;
  if (text.value.includes('${')) return false;
  const parsed = parseImageReference(text.value.trim());
  if (!parsed.ok) return false;
  const { digest, tag, name } = parsed.value;
  return digest !== null || (tag !== null && /^[^/]*\.[^/]*\//.test(name));
}

/** A value in a `.tfvars` file. */
function setting(images: HclImages, key: TextNode, value: ConfigNode): void {
  if (value.kind === 'text' && saysImage(key.text.value) && looksTagged(value.text.value))
    images.image(value, { kind: 'variable', name: key.text.value, invalid: 'ignore' });
}

/** ECS container definitions as a JSON text; one that Terraform fills in is read as far as it is JSON. */
function addDefinitions(collector: SiteCollector, definitions: TextNode): void {
  const { documents } = readJsonc(definitions.text.value, collector.budget);
  for (const document of documents) {
    eachMap(document, (map) => {
      const image = map.text('image');
      const at = image?.text.segments[0];
      if (image === undefined || at === undefined) return 'into';
      const { value } = image.text;
      const text = part(definitions.text, at.start, at.start + value.length);
      if (text.value !== value) return 'into';
      if (!value.includes('${')) collector.image(text, { kind: 'image' }, definitions.start);
      else {
        const detail = 'Terraform fills in the reference: pin it where its value is set';
        collector.skip(value, text.segments[0]?.start ?? definitions.start, 'unresolvable-variable', detail);
      }
      return 'into';
    });
  }
}
