import type { FormatExtractor } from '../format.ts';
import type { ConfigNode, MapNode } from '../readers/node.ts';
import { type SiteCollector, VALUE_COST } from './common/collector.ts';
import { addScript } from './common/docker-commands.ts';
import { eachMap, extractYamlMaps, textOr } from './common/documents.ts';
import { isYamlPath, resolvePath } from './common/paths.ts';

/** CircleCI: the `docker` images of jobs, executors and inline orbs; build arguments in `run` steps. Machine images are no containers. */
export const circleci: FormatExtractor = {
  format: 'circleci',
  matchesPath: (path) => isYamlPath(path) && /(?:^|\/)\.circleci\//.test(path),
  mayHold: (text) => text.includes('docker') || text.includes('image'),
  extract: (file) =>
    extractYamlMaps(file, 'circleci', (collector, root) => {
      const seen = new Set<ConfigNode>();
      eachMap(root, (map) => {
        dockerList(collector, map, seen);
        return 'into';
      });
      for (const alias of root.list('aliases')) {
        const items = alias.kind === 'list' ? alias.items : [alias];
        for (const item of items) if (item.kind === 'map') imageOf(collector, item);
      }
      for (const { value: job } of root.map('jobs')?.entries ?? [])
        if (job.kind === 'map') runSteps(collector, job);
      for (const { value: command } of root.map('commands')?.entries ?? []) {
        if (command.kind === 'map') runSteps(collector, command);
      }
    }),
};

function dockerList(collector: SiteCollector, map: MapNode, seen: Set<ConfigNode>): void {
  const docker = map.get('docker');
  if (docker?.kind !== 'list' || seen.has(docker)) return;
  seen.add(docker);
  for (const item of docker.items) if (item.kind === 'map') imageOf(collector, item);
}

function imageOf(collector: SiteCollector, item: MapNode): void {
  const image = item.text('image');
  if (image !== undefined) collector.image(image.text, { kind: 'image' }, image.start);
}

function runSteps(collector: SiteCollector, owner: MapNode): void {
  const seen = new Set<ConfigNode>();
  const folder = owner.value('working_directory') === undefined ? '' : null;
  const steps = owner.list('steps');
  if (!collector.spend(VALUE_COST * steps.length)) return;
  for (const step of steps) {
    if (step.kind !== 'map' || seen.has(step)) continue;
    seen.add(step);
    const run = step.get('run');
    const command = textOr(run, 'command');
    if (command === undefined) continue;
    const own = run?.kind === 'map' ? run.value('working_directory') : undefined;
    const start = own === undefined ? folder : resolvePath('', own);
    addScript(collector, command.text, { folder: start, at: command.start });
  }
}
