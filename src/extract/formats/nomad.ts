import type { FormatExtractor } from '../format.ts';
import type { MapNode } from '../readers/node.ts';
import { eachMap, extractWith } from './common/documents.ts';
import { HclImages, readTemplatedHcl } from './common/hcl-images.ts';

/** Drivers whose `image` is a disk, or that have none. */
const OTHER_DRIVERS: ReadonlySet<string> = new Set([
  'qemu',
  'exec',
  'exec2',
  'raw_exec',
  'java',
  'virt',
  'nix',
]);

/** Nomad jobs in HCL: `config { image = … }` of tasks, followed through `variable` and `locals`. */
export const nomad: FormatExtractor<'nomad'> = {
  format: 'nomad',
  docs: {
    files: '`*.nomad`, `*.nomad.hcl`, `nomad/*.hcl`',
    finds: '`config { image }` of tasks',
  },
  matchesPath: (path) =>
    /\.(?:nomad|nomad\.hcl|hcl\.nomad)$/.test(path) || /(?:^|\/)nomad\/[^/]+\.hcl$/.test(path),
  mayHold: (text) => text.includes('image'),
  extract: (file) =>
    extractWith(file, 'nomad', readTemplatedHcl, (collector, root) => {
      if (root.kind !== 'map') return;
      const images = new HclImages(collector, root);
      eachMap(root, (map) => {
        if (!OTHER_DRIVERS.has(map.value('driver') ?? '')) addConfigs(images, map);
        return 'into';
      });
      images.digests(root);
    }),
};

function addConfigs(images: HclImages, task: MapNode): void {
  for (const { key, value } of task.entries) {
    const image = key.text.value === 'config' && value.kind === 'map' ? value.get('image') : undefined;
    if (image !== undefined) images.image(image, { kind: 'image' });
  }
}
