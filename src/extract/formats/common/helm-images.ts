import type { ConfigNode, MapNode } from '../../readers/node.ts';
import type { SiteCollector } from './collector.ts';
import { eachMap } from './documents.ts';
import { isPicture, looksTagged } from './names.ts';
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
      if (!/image$/i.test(name)) continue;
      if (value.kind === 'map') imageMap(collector, value);
      else if (value.kind === 'text') imageText(collector, map, name, value);
    }
    return 'into';
  });
}

const BARE_HEX =
  'the digest is written without its algorithm: a `digest:` key with `sha256:…` can be followed';

function imageMap(collector: SiteCollector, map: MapNode): void {
  const repository = map.text('repository') ?? (isSet(map, 'tag') ? map.text('name') : undefined);
  if (repository === undefined || repository.text.value === '') return;
  const tag = map.text('tag') ?? map.text('version');
  // Without a tag of its own the chart's version decides, which is not ours to follow.
  if (
    !isSet(map, 'tag') &&
    !isSet(map, 'version') &&
    !isSet(map, 'digest') &&
    !repository.text.value.includes('@')
  )
    return;
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
  const isBare = !text.slice(text.lastIndexOf('/') + 1).includes(':') && !text.includes('@');
  if (name.toLowerCase() === 'image' && isBare && map.text('hub') !== undefined) return;
  if (name === 'image' && isBare && tag !== undefined && tag.text.value !== '') {
    imageFromKeys(
      collector,
      { registry: map.text('registry'), repository: value, tag, digest: map.text('digest') },
      'image',
    );
    return;
  }
  if (name === 'image' || looksTagged(text))
    collector.image(
      value.text,
      { kind: 'image', invalid: 'ignore', ...(isBare ? { skip: TAG_ELSEWHERE } : {}) },
      value.start,
    );
}

function isSet(map: MapNode, key: string): boolean {
  const value = map.value(key)?.trim();
  return value !== undefined && value !== '' && value !== 'null' && value !== '~';
}
