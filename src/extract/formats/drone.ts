import type { FormatExtractor } from '../format.ts';
import { declared } from './common/declared.ts';
import { PLUGIN_STEPS } from './common/plugin-steps.ts';

/** Drone CI: images of steps and services, and the build arguments of its Docker plugin. */
export const drone: FormatExtractor<'drone'> = declared({
  format: 'drone',
  docs: { files: '`.drone.yml`', finds: 'images of steps and services; `build_args` of Docker plugins' },
  files: /(?:^|\/)\.drone(?:\/[^/]+)?\.ya?ml$/,
  mayHold: /image/,
  reader: 'yaml',
  sections: [PLUGIN_STEPS],
  pinned: {},
});
