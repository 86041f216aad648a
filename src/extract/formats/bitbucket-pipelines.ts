import type { FormatExtractor } from '../format.ts';
import { declared, EVERY_MAP } from './common/declared.ts';

/** Bitbucket Pipelines: images of the build, its steps and services, `docker://` pipes, build arguments in scripts. */
export const bitbucketPipelines: FormatExtractor<'bitbucket-pipelines'> = declared({
  format: 'bitbucket-pipelines',
  docs: {
    files: '`bitbucket-pipelines.yml`',
    finds: '`image`, services, `docker://` pipes; build arguments',
  },
  files: /(?:^|\/)\.?bitbucket-pipelines\.ya?ml$/,
  mayHold: /image|docker/,
  reader: 'yaml',
  sections: [
    {
      at: EVERY_MAP,
      images: [{ at: ['image', 'image.name'] }, { at: 'pipe', transport: /^docker:\/\//, only: 'transport' }],
      scripts: 'script',
    },
  ],
  pinned: {},
});
