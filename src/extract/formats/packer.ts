import type { FormatExtractor } from '../format.ts';
import { readHcl } from '../readers/hcl.ts';
import { readJsonc } from '../readers/json.ts';
import type { MapNode } from '../readers/node.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith } from './common/documents.ts';
import { HclImages } from './common/hcl-images.ts';

/** Packer: `image` of Docker sources, in HCL (`source "docker" "x"`) and in JSON (`builders`). */
export const packer: FormatExtractor<'packer'> = {
  format: 'packer',
  docs: {
    files: '`*.pkr.hcl`, `*.pkr.json`, `packer*.json`',
    finds: '`image` of Docker sources',
  },
  matchesPath: (path) => /\.pkr\.(?:hcl|json)$|\.pkrvars\.hcl$|(?:^|\/)packer[^/]*\.json$/.test(path),
  mayHold: (text) => text.includes('docker') || text.includes('sha256:'),
  extract: (file) =>
    extractWith(file, 'packer', file.path.endsWith('.json') ? readJsonc : readHcl, (collector, root) => {
      if (root.kind !== 'map') return;
      const images = new HclImages(collector, root);
      for (const { key, value: source } of root.map('source')?.map('docker')?.entries ?? []) {
        if (key.text.value !== '' && source.kind === 'map') addSource(images, source);
      }
      for (const builder of root.list('builders')) {
        if (builder.kind === 'map' && builder.value('type') === 'docker') addBuilder(collector, builder);
      }
      images.digests(root);
    }),
};

function addSource(images: HclImages, source: MapNode): void {
  const image = source.get('image');
  // With `build` the image comes from a Dockerfile of its own.
  if (image !== undefined && source.get('build') === undefined) images.image(image, { kind: 'image' });
}

function addBuilder(collector: SiteCollector, builder: MapNode): void {
  const image = builder.text('image');
  if (image !== undefined) collector.image(image.text, { kind: 'image' }, image.start);
}
