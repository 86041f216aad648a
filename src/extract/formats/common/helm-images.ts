import { parseImageReference } from '../../../domain/image-reference.ts';
import type { ConfigNode, MapNode } from '../../readers/node.ts';
import type { SiteCollector } from './collector.ts';
import { eachMap } from './documents.ts';
import { imagesInTexts } from './manifest-images.ts';
import { isPicture, looksTagged } from './names.ts';
import { addPinnedTexts } from './pinned-texts.ts';
import { imageFromKeys } from './separate-keys.ts';
import { TAG_ELSEWHERE } from './skips.ts';

/**
 * Takes the images of Helm values, by the shapes charts share: a key `image` or `…Image` that holds a reference, or a
 * map of `repository` (or `name`) with `tag` (or `version`), `digest` and `registry`.
 */
export function imagesInValues(collector: SiteCollector, root: ConfigNode): void {
  eachMap(root, (map) => {
    for (const { key, value } of map.entries) {
      const name = key.text.value;
      if (value.kind === 'map' && (/image$/i.test(name) || namesRegistry(value))) imageMap(collector, value);
      else if (value.kind === 'text' && /image$/i.test(name)) imageText(collector, map, name, value);
    }
    return 'into';
  });
  imagesInTexts(collector, root);
  addPinnedTexts(collector, root);
}

/** Hosts of code: what has a repository and a tag there is a checkout. */
const CODE_HOST = /^(?:[\w-]+\.)*(?:github|gitlab|bitbucket|codeberg)\.(?:com|org)\//;

/** Whether a map under any key names an image: a registry, or a repository with its host, and a tag or digest. */
function namesRegistry(map: MapNode): boolean {
  const repository = map.value('repository') ?? '';
  if (!isSet(map, 'tag') && !isSet(map, 'digest')) return false;
  if (repository === '' || repository.includes('://') || CODE_HOST.test(repository)) return false;
  return isSet(map, 'registry') || /^(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d+)?\//.test(repository);
}

const BARE_HEX =
  'the digest is written without its algorithm: a `digest:` key with `sha256:…` can be followed';

const CHART_VERSION =
  'the tag is the version of the chart, which is not followed: name a tag to have it pinned';
const MORE_DIGESTS = 'the chart makes several images of this name, each with its own digest';

function imageMap(collector: SiteCollector, map: MapNode): void {
  const repository =
    map.text('repository') ?? map.text('repo') ?? (isSet(map, 'tag') ? map.text('name') : undefined);
  if (repository === undefined || repository.text.value === '') return;
  const tag = map.text('tag') ?? map.text('version');
  const isTagged = isSet(map, 'tag') || isSet(map, 'version');
  if (!isTagged && !isSet(map, 'digest') && !/[@:]/.test(nameOf(repository.text.value))) {
    const shown = [map.value('registry') ?? '', repository.text.value]
      .filter((text) => text !== '')
      .join('/');
    collector.skip(shown, repository.start, TAG_ELSEWHERE.reason, CHART_VERSION);
    return;
  }
  const others = map.entries.filter(({ key }) => /.Digest$/.test(key.text.value));
  if (map.get('digest') === undefined && others.length > 0) {
    collector.skip(repository.text.value, repository.start, 'composed-reference', MORE_DIGESTS);
    return;
  }
  const hex = map.value('sha') ?? map.value('sha256') ?? '';
  if (/^[0-9a-f]{64}$/.test(hex)) {
    collector.skip(`${repository.text.value}@sha256:${hex}`, map.start, 'unsupported-spelling', BARE_HEX);
    return;
  }
  imageFromKeys(
    collector,
    { registry: map.text('registry'), repository, tag, digest: map.text('digest') },
    'image',
  );
}

function imageText(
  collector: SiteCollector,
  map: MapNode,
  name: string,
  value: ConfigNode & { kind: 'text' },
): void {
  const text = value.text.value.trim();
  if (text === '' || isPicture(text)) return;
  const tag = map.text('tag') ?? map.text('imageTag');
  const digest = map.text('digest') ?? map.text('imageDigest');
  const isBare = !text.slice(text.lastIndexOf('/') + 1).includes(':') && !text.includes('@');
  if (name.toLowerCase() === 'image' && isBare && map.text('hub') !== undefined) return;
  if (name === 'image' && isBare && [tag, digest].some((text) => (text?.text.value ?? '') !== '')) {
    imageFromKeys(collector, { registry: map.text('registry'), repository: value, tag, digest }, 'image');
    return;
  }
  if (name !== 'image' && isBare && parseImageReference(text).ok)
    collector.skip(text, value.start, TAG_ELSEWHERE.reason, TAG_ELSEWHERE.detail);
  else if (name === 'image' || looksTagged(text))
    collector.image(
      value.text,
      { kind: 'image', invalid: 'ignore', ...(isBare ? { skip: TAG_ELSEWHERE } : {}) },
      value.start,
    );
}

function nameOf(repository: string): string {
  return repository.slice(repository.lastIndexOf('/') + 1);
}

function isSet(map: MapNode, key: string): boolean {
  const value = map.value(key)?.trim();
  return value !== undefined && value !== '' && value !== 'null' && value !== '~';
}
