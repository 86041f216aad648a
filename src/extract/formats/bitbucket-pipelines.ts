import type { FormatExtractor } from '../format.ts';
import { part } from '../readers/mapped-text.ts';
import type { ConfigNode, MapNode } from '../readers/node.ts';
import { scriptText } from './common/build-section.ts';
import type { SiteCollector } from './common/collector.ts';
import { eachMap, extractYamlMaps, textOr } from './common/documents.ts';
import { addPinnedTexts } from './common/pinned-texts.ts';
import { addRunScript } from './common/script-images.ts';

/** Bitbucket Pipelines: images of the build, its steps and services, `docker://` pipes, build arguments in scripts. */
export const bitbucketPipelines: FormatExtractor = {
  format: 'bitbucket-pipelines',
  matchesPath: (path) => /(?:^|\/)\.?bitbucket-pipelines\.ya?ml$/.test(path),
  mayHold: (text) => /image|docker/.test(text),
  extract: (file) =>
    extractYamlMaps(file, 'bitbucket-pipelines', (collector, root) => {
      const scripts = new Set<ConfigNode>();
      eachMap(root, (map) => {
        imageOf(collector, map);
        const pipe = map.text('pipe');
        if (pipe?.text.value.startsWith('docker://')) {
          collector.image(part(pipe.text, 9, pipe.text.value.length), { kind: 'image' }, pipe.start);
        }
        const list = map.get('script');
        if (list !== undefined && !scripts.has(list)) {
          scripts.add(list);
          const script = scriptText(list);
          if (script !== null) addRunScript(collector, script, { folder: '', at: list.start });
        }
        return 'into';
      });
      addPinnedTexts(collector, root);
    }),
};

function imageOf(collector: SiteCollector, map: MapNode): void {
  const image = textOr(map.get('image'), 'name');
  if (image !== undefined) collector.image(image.text, { kind: 'image' }, image.start);
}
