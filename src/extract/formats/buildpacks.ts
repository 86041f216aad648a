import type { FormatExtractor } from '../format.ts';
import { declared } from './common/declared.ts';

const TRANSPORT = /^docker:\/{1,3}/;

/**
 * Cloud Native Buildpacks: the builder and buildpacks of project.toml; run and build images of builder.toml. A buildpack's
 * `uri` is an image where it says `docker://` or has a tag; others are registry ids, URLs and folders.
 */
export const buildpacks: FormatExtractor<'buildpacks'> = declared({
  format: 'buildpacks',
  docs: {
    files: '`project.toml`, `builder.toml`',
    finds: 'the builder, `docker://` buildpacks, run and build images',
  },
  files: /(?:^|\/)(?:project|builder)\.toml$/,
  mayHold: /buildpacks|image|builder/,
  reader: 'toml',
  sections: [
    {
      images: [
        { at: 'io.buildpacks.builder', kind: 'builder', transport: TRANSPORT },
        {
          at: ['', '.pre', '.post', '.build'].map((part) => `io.buildpacks${part}.group[*].uri`),
          transport: TRANSPORT,
          only: 'transport-or-tag',
        },
      ],
    },
    {
      files: /builder\.toml$/,
      images: [
        {
          at: [
            'build.image',
            'stack.build-image',
            'stack.run-image',
            'run.images[*].image',
            'buildpacks[*].image',
            'extensions[*].image',
          ],
          transport: TRANSPORT,
        },
        { at: ['buildpacks[*].uri', 'extensions[*].uri'], transport: TRANSPORT, only: 'transport-or-tag' },
      ],
    },
  ],
});
