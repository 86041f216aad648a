import type { FormatExtractor } from '../format.ts';
import type { MapNode } from '../readers/node.ts';
import type { SiteCollector } from './common/collector.ts';
import { declared } from './common/declared.ts';

/** Dev containers (containers.dev): `image`, and the arguments of `build`. Features are versioned by their lock file. */
export const devcontainer: FormatExtractor<'devcontainer'> = declared({
  format: 'devcontainer',
  docs: { files: '`devcontainer.json`, `.devcontainer.json`', finds: '`image`; build arguments' },
  files: /(?:^|\/)(?:\.devcontainer\/(?:[^/]+\/)?devcontainer\.json|\.devcontainer\.json)$/,
  reader: 'json',
  sections: [
    { images: [{ at: 'image' }] },
    {
      builds: [
        {
          given: 'build',
          dockerfile: ['build.dockerfile', 'build.dockerFile'],
          context: 'build.context',
          target: 'build.target',
          args: 'build.args',
          from: 'file',
        },
        // As it was written before there was a `build`.
        {
          given: 'dockerFile',
          unless: 'build',
          dockerfile: 'dockerFile',
          context: 'context',
          args: 'args',
          from: 'file',
        },
      ],
    },
    { at: 'features', also: skipFeatures },
  ],
});

function skipFeatures(collector: SiteCollector, features: MapNode): void {
  for (const { key } of features.entries) {
    const id = key.text.value;
    if (!id.includes('/') || id.startsWith('.') || id.includes('://')) continue;
    const detail = 'a feature is not an image to run: its digest is in devcontainer-lock.json';
    collector.skip(id, key.start, 'unsupported-spelling', detail);
  }
}
