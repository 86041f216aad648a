import type { FormatExtractor } from '../format.ts';
import { CIRCLECI } from '../interpolation/dialects.ts';
import { readings, type ValuesScope } from '../interpolation/interpolate.ts';
import { type MappedText, trimmed } from '../readers/mapped-text.ts';
import type { ConfigNode, MapNode } from '../readers/node.ts';
import { namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { eachMap, extractYamlMaps, textOr, textsOf } from './common/documents.ts';
import { isYamlPath, resolvePath } from './common/paths.ts';
import { addPinnedTexts } from './common/pinned-texts.ts';
import { addRunScript } from './common/script-images.ts';

/** How deep `when` and `unless` nest steps. */
const STEP_DEPTH = 4;

/**
 * CircleCI: the `docker` images of jobs, executors and inline orbs, through parameters; build arguments and images in
 * `run` steps. Machine images are no containers.
 */
export const circleci: FormatExtractor<'circleci'> = {
  format: 'circleci',
  docs: {
    files: '`.circleci/**`',
    finds:
      '`docker[].image` of jobs, executors, inline orbs and aliases, through parameters and matrices; build arguments',
  },
  matchesPath: (path) => isYamlPath(path) && /(?:^|\/)\.circleci\//.test(path),
  mayHold: (text) => text.includes('docker') || text.includes('image'),
  extract: (file) =>
    extractYamlMaps(file, 'circleci', (collector, root) => {
      const parameters = parametersOf(root);
      const seen = new Set<ConfigNode>();
      eachMap(root, (map) => {
        for (const { key, value } of ownersIn(map))
          dockerList(collector, value, parameters(key.text.value, value), seen);
        for (const { key, value } of map.map('environment')?.entries ?? []) {
          if (value.kind === 'text') namedValue(collector, key.text.value, value.text, 'variable');
        }
        return 'into';
      });
      // What is no executor, job or command by its key: anchors, mostly.
      eachMap(root, (map) => {
        dockerList(collector, map, () => undefined, seen);
        return 'into';
      });
      for (const alias of root.list('aliases')) {
        const items = alias.kind === 'list' ? alias.items : [alias];
        for (const item of items) if (item.kind === 'map') imageOf(collector, item, () => undefined);
      }
      for (const owners of [root.map('jobs'), root.map('commands')]) {
        for (const { value: owner } of owners?.entries ?? [])
          if (owner.kind === 'map') runSteps(collector, owner.list('steps'), workingFolderOf(owner), 0);
      }
      addPinnedTexts(collector, root);
    }),
};

type Owner = { readonly key: { readonly text: MappedText }; readonly value: MapNode };

function ownersIn(map: MapNode): Owner[] {
  return ['executors', 'jobs'].flatMap((name) =>
    (map.map(name)?.entries ?? []).flatMap(({ key, value }) =>
      value.kind === 'map' ? [{ key, value }] : [],
    ),
  );
}

/**
 * What `<< parameters.X >>` stands for in an executor or job: its default, and what workflows (also their matrices) and
 * `executor:` hand to the owner of that name.
 */
function parametersOf(root: MapNode): (owner: string, declared: MapNode) => ValuesScope {
  const given = new Map<string, MappedText[]>();
  const give = (owner: string, name: string, node: ConfigNode): void => {
    const texts = node.kind === 'list' ? textsOf(node.items) : node.kind === 'text' ? [node.text] : [];
    const key = `${owner} ${name}`;
    const known = given.get(key);
    if (known === undefined) given.set(key, texts);
    else for (const text of texts) known.push(text);
  };
  const handOver = (owner: string, inputs: MapNode): void => {
    for (const { key, value } of inputs.entries) give(owner, key.text.value, value);
    for (const { key, value } of inputs.map('matrix')?.map('parameters')?.entries ?? [])
      give(owner, key.text.value, value);
  };
  eachMap(root, (map) => {
    for (const item of map.list('jobs')) {
      const [call] = item.kind === 'map' ? item.entries : [];
      if (call?.value.kind === 'map') handOver(call.key.text.value, call.value);
    }
    const executor = map.map('executor');
    const name = executor?.value('name');
    if (executor !== undefined && name !== undefined) handOver(name, executor);
    return 'into';
  });
  const pipeline = root.map('parameters');
  return (owner, declared) => (expression) => {
    if (expression.startsWith('pipeline.parameters.')) {
      const fallback = pipeline?.map(expression.slice(20))?.text('default');
      return fallback === undefined ? undefined : [fallback.text];
    }
    if (!expression.startsWith('parameters.')) return undefined;
    const name = expression.slice(11);
    const fallback = declared.map('parameters')?.map(name)?.text('default');
    return [...(fallback === undefined ? [] : [fallback.text]), ...(given.get(`${owner} ${name}`) ?? [])];
  };
}

function dockerList(collector: SiteCollector, map: MapNode, scope: ValuesScope, seen: Set<ConfigNode>): void {
  const docker = map.get('docker');
  if (docker?.kind !== 'list' || seen.has(docker)) return;
  seen.add(docker);
  for (const item of docker.items) if (item.kind === 'map') imageOf(collector, item, scope);
}

function imageOf(collector: SiteCollector, item: MapNode, scope: ValuesScope): void {
  const image = item.text('image');
  if (image === undefined) return;
  for (const reading of readings(image.text, CIRCLECI, scope, collector.budget))
    collector.image(trimmed(reading), { kind: 'image' }, image.start);
}

function workingFolderOf(owner: MapNode): string | null {
  return owner.value('working_directory') === undefined ? '' : null;
}

function runSteps(
  collector: SiteCollector,
  steps: readonly ConfigNode[],
  folder: string | null,
  depth: number,
): void {
  const seen = new Set<ConfigNode>();
  if (depth > STEP_DEPTH) return;
  for (const step of steps) {
    if (step.kind !== 'map' || seen.has(step)) continue;
    seen.add(step);
    for (const key of ['when', 'unless']) {
      const inner = step.map(key);
      if (inner !== undefined) runSteps(collector, inner.list('steps'), folder, depth + 1);
    }
    const run = step.get('run');
    const command = textOr(run, 'command');
    if (command === undefined) continue;
    const own = run?.kind === 'map' ? run.value('working_directory') : undefined;
    const start = own === undefined ? folder : resolvePath('', own);
    addRunScript(collector, command.text, { folder: start, at: command.start });
  }
}
