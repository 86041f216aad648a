import { type DeclaredSection, EVERY_MAP } from './declared.ts';

/** Keys whose maps are settings of plugins or conditions: an `image` in them is a name to publish, or no image. */
const SETTINGS: ReadonlySet<string> = new Set([
  'settings',
  'environment',
  'when',
  'trigger',
  'backend_options',
  'labels',
]);

/**
 * Steps and services in the manner of Drone and Woodpecker: a map with an `image`. Settings of a Docker plugin stand in
 * `settings`, or, as of old, in the step itself.
 */
export const PLUGIN_STEPS: DeclaredSection = {
  at: EVERY_MAP,
  passed: SETTINGS,
  given: 'image',
  images: [{ at: 'image' }],
  scripts: 'commands',
  builds: [
    {
      given: ['settings.build_args', 'settings.buildargs'],
      dockerfile: 'settings.dockerfile',
      context: 'settings.context',
      target: 'settings.target',
      args: ['settings.build_args', 'settings.buildargs'],
      from: 'root',
    },
    {
      given: ['build_args', 'buildargs'],
      unless: 'settings',
      dockerfile: 'dockerfile',
      context: 'context',
      target: 'target',
      args: ['build_args', 'buildargs'],
      from: 'root',
    },
  ],
};
