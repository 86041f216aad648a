import type { FormatExtractor } from '../format.ts';
import { concat, unmapped } from '../readers/mapped-text.ts';
import type { ConfigNode, MapNode } from '../readers/node.ts';
import { namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { addScript } from './common/docker-commands.ts';
import { eachMap, extractYamlMaps } from './common/documents.ts';
import { looksTagged } from './common/names.ts';
import { isYamlPath, resolvePath } from './common/paths.ts';

/** Azure Pipelines: `resources.containers`, containers of jobs, and build arguments of scripts and Docker tasks. */
export const azurePipelines: FormatExtractor = {
  format: 'azure-pipelines',
  matchesPath: (path) => isYamlPath(path) && isPipelinePath(path),
  mayHold: (text) => /container|docker|build-arg/i.test(text),
  extract: (file) =>
    extractYamlMaps(file, 'azure-pipelines', (collector, root) => {
      const aliases = new Set<string>();
      for (const item of root.map('resources')?.list('containers') ?? []) {
        if (item.kind !== 'map') continue;
        const alias = item.value('container');
        if (alias !== undefined) aliases.add(alias);
        const image = item.text('image');
        // With a `type` (ACR) the repository stands in keys that name no registry host.
        if (image !== undefined) collector.image(image.text, { kind: 'image' }, image.start);
      }
      eachMap(root, (map) => {
        if (map !== root.map('resources')) jobOrStep(collector, map, aliases);
        return 'into';
      });
    }),
};

/** `azure-pipelines.yml`, `azure/pipelines/build.yml`, `.azuredevops/…` and what else people call them. */
function isPipelinePath(path: string): boolean {
  if (/(?:^|\/)\.azure(?:devops|-?pipelines)\//.test(path)) return true;
  const azure = path.indexOf('azure');
  return azure >= 0 && path.indexOf('pipeline', azure) >= 0;
}

function jobOrStep(collector: SiteCollector, map: MapNode, aliases: ReadonlySet<string>): void {
  containerOf(collector, map.get('container'), aliases);
  const script = map.text('script') ?? map.text('bash');
  if (script !== undefined) {
    const folder = map.value('workingDirectory');
    addScript(collector, script.text, { folder: resolvePath('', folder ?? ''), at: script.start });
  }
  const inputs = map.value('task')?.startsWith('Docker@') ? map.map('inputs') : undefined;
  if (inputs !== undefined) dockerTask(collector, inputs);
  const variable = map.value('name');
  const value = map.text('value');
  if (variable !== undefined && value !== undefined) namedValue(collector, variable, value.text, 'variable');
}

function containerOf(
  collector: SiteCollector,
  node: ConfigNode | undefined,
  aliases: ReadonlySet<string>,
): void {
  if (node?.kind === 'map') {
    const image = node.text('image');
    if (image !== undefined && !aliases.has(image.text.value))
      collector.image(image.text, { kind: 'image' }, image.start);
  } else if (node?.kind === 'text' && !aliases.has(node.text.value) && looksTagged(node.text.value)) {
    collector.image(node.text, { kind: 'image', invalid: 'ignore' }, node.start);
  }
}

/** The Docker task: `arguments` are those of `docker build`, the Dockerfile has an input of its own. */
function dockerTask(collector: SiteCollector, inputs: MapNode): void {
  const args = inputs.text('arguments');
  if (args === undefined) return;
  const file = inputs.value('Dockerfile') ?? inputs.value('dockerfile') ?? '';
  const context = inputs.value('buildContext') ?? '';
  const words = file === '' || file.includes('*') ? '' : `-f '${file.replaceAll("'", '')}' `;
  const where = context === '' || context.includes('*') ? '' : ` '${context.replaceAll("'", '')}'`;
  const command = concat([unmapped(`docker build ${words}`), args.text, unmapped(where)]);
  addScript(collector, command, { folder: '', at: args.start });
}
