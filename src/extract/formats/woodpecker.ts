import type { FormatExtractor } from '../format.ts';
import { declared } from './common/declared.ts';
import { PLUGIN_STEPS } from './common/plugin-steps.ts';

/** Woodpecker CI and its fork Crow: images of steps, services and clone, and the build arguments of Docker plugins. */
export const woodpecker: FormatExtractor<'woodpecker'> = declared({
  format: 'woodpecker',
  docs: {
    files: '`.woodpecker.yml`, `.woodpecker/**`, `.crow/**`',
    finds: 'images of steps, services, clone; `build_args` of Docker plugins',
  },
  files: /(?:^|\/)\.(?:woodpecker|crow)(?:\/.+)?\.ya?ml$/,
  mayHold: /image/,
  reader: 'yaml',
  sections: [PLUGIN_STEPS],
  pinned: {},
});
