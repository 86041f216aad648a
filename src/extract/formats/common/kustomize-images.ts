import { parseImageReference } from '../../../domain/image-reference.ts';
import { part } from '../../readers/mapped-text.ts';
import type { MapNode } from '../../readers/node.ts';
import type { SiteCollector } from './collector.ts';
import { eachMap } from './documents.ts';
import { imageFromKeys } from './separate-keys.ts';

/** Takes the `images` of a kustomization: `name` or `newName` with `newTag` and `digest` (kustomize's image transformer). */
export function addKustomizeImages(collector: SiteCollector, kustomization: MapNode): void {
  for (const item of kustomization.list('images')) {
    if (item.kind !== 'map') continue;
    const repository = item.text('newName') ?? item.text('name');
    const [tag, digest] = [item.text('newTag'), item.text('digest')];
    if (repository === undefined || (item.text('newName') ?? tag ?? digest) === undefined) continue;
    imageFromKeys(collector, { repository, tag, digest }, 'image');
  }
}

/** Takes Argo CD's `kustomize.images`: texts of the form `name=new:tag` or `new:tag@digest`. */
export function addKustomizeTexts(collector: SiteCollector, document: MapNode): void {
  eachMap(document, (map) => {
    const items = map.map('kustomize')?.list('images') ?? [];
    for (const item of items) {
      if (item.kind !== 'text') continue;
      const { value } = item.text;
      const image = part(item.text, value.lastIndexOf('=') + 1, value.length);
      const parsed = parseImageReference(image.value);
      if (parsed.ok && (parsed.value.tag ?? parsed.value.digest) !== null)
        collector.image(image, { kind: 'image' }, item.start);
    }
    return 'into';
  });
}
