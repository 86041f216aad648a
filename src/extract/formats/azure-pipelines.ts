import type { FormatExtractor } from '../format.ts';
import { AZURE } from '../interpolation/dialects.ts';
import { follow, isReference, soleReading } from '../interpolation/interpolate.ts';
import { concat, type MappedText, unmapped } from '../readers/mapped-text.ts';
import type { ConfigNode, MapNode, TextNode } from '../readers/node.ts';
import { namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { eachMap, extractYamlMaps } from './common/documents.ts';
import { looksTagged } from './common/names.ts';
import { isYamlPath, resolvePath } from './common/paths.ts';
import { addPinnedTexts } from './common/pinned-texts.ts';
import { addRunScript } from './common/script-images.ts';

/** Azure Pipelines: `resources.containers`, containers of jobs, and build arguments of scripts and Docker tasks. */
export const azurePipelines: FormatExtractor<'azure-pipelines'> = {
  format: 'azure-pipelines',
  docs: {
    files: '`azure*pipelines*.yml`, `.azuredevops/**`, `.azure-pipelines/**`',
    finds:
      '`resources.containers`, job `container`, through variables, parameters and matrices; build arguments of scripts and `Docker@2`',
  },
  matchesPath: (path) => isYamlPath(path) && isPipelinePath(path),
  mayHold: (text) => /container|docker|build-arg/i.test(text),
  extract: (file) =>
    extractYamlMaps(file, 'azure-pipelines', (collector, root) => {
      const aliases = new Set<string>();
      const given = variablesOf(collector, root);
      const resources = root.map('resources');
      for (const item of root.map('resources')?.list('containers') ?? []) {
        if (item.kind !== 'map') continue;
        const alias = item.value('container');
        if (alias !== undefined) aliases.add(alias);
        const image = item.text('image');
        // With a `type` (ACR) the repository stands in keys that name no registry host.
        if (image !== undefined) imageOf(collector, image, given);
      }
      eachMap(root, (map) => {
        if (map !== resources) jobOrStep(collector, map, aliases, given);
        return 'into';
      });
      addPinnedTexts(collector, root);
    }),
};

/** `azure-pipelines.yml`, `azure/pipelines/build.yml`, `.azuredevops/…` and what else people call them. */
function isPipelinePath(path: string): boolean {
  if (/(?:^|\/)\.azure(?:devops|-?pipelines)\//.test(path)) return true;
  const azure = path.indexOf('azure');
  return azure >= 0 && path.indexOf('pipeline', azure) >= 0;
}

/** Values by the names of variables and parameters, all jobs together: a name seldom means two things. */
type Given = ReadonlyMap<string, readonly MappedText[]>;

function variablesOf(collector: SiteCollector, root: MapNode): Given {
  const given = new Map<string, MappedText[]>();
  const note = (name: string, node: ConfigNode): void => {
    if (node.kind !== 'text') return;
    namedValue(collector, name, node.text, 'variable');
    const known = given.get(name);
    if (known === undefined) given.set(name, [node.text]);
    else known.push(node.text);
  };
  const noteAll = (map: MapNode | undefined): void => {
    for (const { key, value } of map?.entries ?? []) note(key.text.value, value);
  };
  eachMap(root, (map) => {
    noteAll(map.map('variables'));
    for (const { value } of map.map('strategy')?.map('matrix')?.entries ?? [])
      noteAll(value.kind === 'map' ? value : undefined);
    const name = map.value('name');
    const value = map.text('value') ?? map.text('default');
    if (name !== undefined && value !== undefined) note(name, value);
    return 'into';
  });
  return given;
}

function imageOf(collector: SiteCollector, image: TextNode, given: Given): void {
  const values = follow(image.text, AZURE, (name) => given.get(name), collector.budget);
  for (const { text, variable } of values)
    collector.image(text, { kind: 'image', name: variable }, image.start);
}

function jobOrStep(collector: SiteCollector, map: MapNode, aliases: ReadonlySet<string>, given: Given): void {
  containerOf(collector, map.get('container'), aliases, given);
  const script = map.text('script') ?? map.text('bash');
  if (script !== undefined) {
    const folder = map.value('workingDirectory');
    const text = withMacros(collector, script.text, given);
    addRunScript(collector, text, { folder: resolvePath('', folder ?? ''), at: script.start });
  }
  const inputs = map.value('task')?.startsWith('Docker@') ? map.map('inputs') : undefined;
  if (inputs !== undefined) dockerTask(collector, inputs, given);
}

function containerOf(
  collector: SiteCollector,
  node: ConfigNode | undefined,
  aliases: ReadonlySet<string>,
  given: Given,
): void {
  if (node?.kind === 'map') {
    const image = node.text('image');
    if (image !== undefined && !aliases.has(image.text.value)) imageOf(collector, image, given);
  } else if (node?.kind === 'text' && !aliases.has(node.text.value)) {
    if (isReference(node.text, AZURE)) imageOf(collector, node, given);
    else if (looksTagged(node.text.value))
      collector.image(node.text, { kind: 'image', invalid: 'ignore' }, node.start);
  }
}

/** A script with those variables in it read that have one value. */
function withMacros(collector: SiteCollector, text: MappedText, given: Given): MappedText {
  const sole = (name: string) => (given.get(name)?.length === 1 ? given.get(name) : undefined);
  return soleReading(text, AZURE, sole, collector.budget);
}

/** The Docker task: `arguments` are those of `docker build`, the Dockerfile has an input of its own. */
function dockerTask(collector: SiteCollector, inputs: MapNode, given: Given): void {
  const args = inputs.text('arguments');
  if (args === undefined) return;
  const file = inputs.value('Dockerfile') ?? inputs.value('dockerfile') ?? '';
  const context = inputs.value('buildContext') ?? '';
  const words = file === '' || file.includes('*') ? '' : `-f '${file.replaceAll("'", '')}' `;
  const where = context === '' || context.includes('*') ? '' : ` '${context.replaceAll("'", '')}'`;
  const command = concat([
    unmapped(`docker build ${words}`),
    withMacros(collector, args.text, given),
    unmapped(where),
  ]);
  addRunScript(collector, command, { folder: '', at: args.start });
}
