import type { MapNode } from '../../readers/node.ts';
import { namedTexts, scriptText } from './build-section.ts';
import { addBuild } from './build-values.ts';
import type { SiteCollector } from './collector.ts';
import { eachMap } from './documents.ts';
import { resolvePath } from './paths.ts';
import { addPinnedTexts } from './pinned-texts.ts';
import { addRunScript } from './script-images.ts';

/** Keys whose maps are settings of plugins or conditions: an `image` in them is a name to publish, or no image. */
const PASSED_KEYS: ReadonlySet<string> = new Set([
  'settings',
  'environment',
  'when',
  'trigger',
  'backend_options',
  'labels',
]);

/** Takes the images of a pipeline in the manner of Drone and Woodpecker: a map with an `image` is a step or a service. */
export function addPluginPipeline(collector: SiteCollector, root: MapNode): void {
  eachMap(
    root,
    (map) => {
      const image = map.text('image');
      if (image !== undefined) {
        collector.image(image.text, { kind: 'image' }, image.start);
        step(collector, map);
      }
      return 'into';
    },
    PASSED_KEYS,
  );
  addPinnedTexts(collector, root);
}

function step(collector: SiteCollector, map: MapNode): void {
  const script = scriptText(map.get('commands'));
  if (script !== null) addRunScript(collector, script, { folder: '', at: map.start });
  const settings = map.map('settings') ?? map;
  const args = settings.get('build_args') ?? settings.get('buildargs');
  if (args === undefined) return;
  const context = resolvePath('', settings.value('context') ?? '');
  const dockerfile = settings.value('dockerfile');
  addBuild(collector, {
    at: args.start,
    dockerfile: dockerfile === undefined ? null : resolvePath('', dockerfile),
    context,
    target: settings.value('target') ?? null,
    args: namedTexts(args),
  });
}
