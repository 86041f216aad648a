import { nameOf } from './common/paths.ts';
import { tomlKeys } from './toml.ts';

/** xcargo.toml: the image that cross builds run in, and those of single targets. */
export const xcargo = tomlKeys(
  {
    matchesPath: (path) => nameOf(path) === 'xcargo.toml',
    keys: ['container.image', 'target.*.container.image', 'container.target.*.image'],
  },
  'xcargo',
);
