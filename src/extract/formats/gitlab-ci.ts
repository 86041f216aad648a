import type { FormatExtractor } from '../format.ts';
import { GITLAB_INPUTS, SHELL } from '../interpolation/dialects.ts';
import { affordable, namesIn, readings, type VariableScope } from '../interpolation/interpolate.ts';
import { type MappedText, part, trimmed } from '../readers/mapped-text.ts';
import type { ConfigNode, MapNode, ReadDocuments } from '../readers/node.ts';
import { readYaml } from '../readers/yaml.ts';
import type { WorkBudget } from '../work-budget.ts';
import { scriptText } from './common/build-section.ts';
import { namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith, textOr, textsOf } from './common/documents.ts';
import { isYamlPath } from './common/paths.ts';
import { addPinnedTexts } from './common/pinned-texts.ts';
import { addRunScript } from './common/script-images.ts';

const PATH = /\.gitlab-ci\.ya?ml$/;
/** Where people keep what `include: local` brings. Such a file must have jobs to be read. */
const INCLUDED =
  /(?:^|\/)(?:\.?gitlab[^/]*|\.?ci|\.?ci-?cd|pipelines?|jobs?|templates)\/(?:.+\/)?[^/]+\.ya?ml$|(?:^|\/)[^/]*(?:gitlab|[-_.]ci)[^/]*\.ya?ml$/;
const JOB = /^ {1,8}(?:script|extends|stage|before_script):/m;
/** Keys at the top that are no job. */
const NOT_JOBS: ReadonlySet<string> = new Set([
  'include',
  'variables',
  'workflow',
  'stages',
  'spec',
  'cache',
]);
/** The group's pull-through cache of Docker Hub: what follows names the image. */
const DEPENDENCY_PROXY = /^\$\{?CI_DEPENDENCY_PROXY_(?:DIRECT_)?GROUP_IMAGE_PREFIX\}?\//;
const EXTENDS_LIMIT = 10;

/**
 * GitLab CI: `image` and `services` of jobs, of `default` and at the top, followed through `variables`; build arguments
 * in scripts. What `include` brings is read where it stands.
 */
export const gitlabCi: FormatExtractor<'gitlab-ci'> = {
  format: 'gitlab-ci',
  docs: {
    files:
      '`.gitlab-ci.yml`, `*.gitlab-ci.yml`; files with jobs under `.gitlab/`, `ci/`, `templates/` and the like',
    finds:
      '`image`, `services`, `default`, through `variables` (of rules, too), `parallel: matrix`, `spec: inputs`, `extends` and the dependency proxy; build arguments',
  },
  byContent: true,
  matchesPath: (path) =>
    PATH.test(path) || (isYamlPath(path) && INCLUDED.test(path) && !path.includes('.github/')),
  mayHold: (text) => /image|services|build-arg|@sha256:/i.test(text),
  extract: (file) => {
    const isIncluded = JOB.test(file.text) && !file.text.includes('apiVersion:');
    const read = PATH.test(file.path) || isIncluded ? readYaml : nothing;
    const inputs = new Map<string, MappedText>();
    return extractWith(file, 'gitlab-ci', read, (collector, root) => {
      if (root.kind !== 'map' || !isPipeline(root)) return;
      declaredInputs(collector, root, inputs);
      variables(collector, root);
      images(collector, root, { variables: scopeOf([root]), matrix: new Map(), inputs });
      const seen = new Set<ConfigNode>();
      for (const { key, value: job } of root.entries) {
        if (job.kind !== 'map' || NOT_JOBS.has(key.text.value) || seen.has(job)) continue;
        seen.add(job);
        variables(collector, job);
        const scope = scopeOf([job, ...basesOf(root, job), root]);
        images(collector, job, { variables: scope, matrix: matrixOf(collector, job), inputs });
        for (const script of scriptsOf(job)) {
          addRunScript(collector, script, { folder: '', scope, at: job.start });
        }
      }
      addPinnedTexts(collector, root);
    });
  },
};

/** A manifest or a workflow in such a folder is another format's. */
function isPipeline(root: MapNode): boolean {
  return (
    root.get('apiVersion') === undefined &&
    root.get('jobs') === undefined &&
    root.get('services')?.kind !== 'map'
  );
}

function scriptsOf(job: MapNode): MappedText[] {
  const nodes = ['before_script', 'script', 'after_script'].map((part) => job.get(part));
  nodes.push(job.map('hooks')?.get('pre_get_sources_script'));
  return nodes.flatMap((node) => scriptText(node) ?? []);
}

function nothing(): ReadDocuments {
  return { documents: [], faults: [] };
}

/** What a job's texts are read with. */
type JobScope = {
  readonly variables: VariableScope;
  /** Values of `parallel: matrix` and of rules, by variable. */
  readonly matrix: ReadonlyMap<string, readonly MappedText[]>;
  /** Defaults of the inputs that the file's header declares (`spec: inputs`). */
  readonly inputs: ReadonlyMap<string, MappedText>;
};

function declaredInputs(collector: SiteCollector, root: MapNode, inputs: Map<string, MappedText>): void {
  for (const { key, value } of root.map('spec')?.map('inputs')?.entries ?? []) {
    const fallback = value.kind === 'map' ? value.text('default') : undefined;
    if (fallback === undefined) continue;
    inputs.set(`inputs.${key.text.value}`, fallback.text);
    namedValue(collector, key.text.value, fallback.text, 'variable');
  }
}

function matrixOf(collector: SiteCollector, job: MapNode): ReadonlyMap<string, readonly MappedText[]> {
  const matrix = new Map<string, MappedText[]>();
  const rows = job.map('parallel')?.list('matrix') ?? [];
  for (const row of rows) if (row.kind === 'map') addRow(collector, row, matrix);
  // Rules that match override variables.
  for (const rule of job.list('rules')) {
    const variables = rule.kind === 'map' ? rule.map('variables') : undefined;
    if (variables !== undefined) addRow(collector, variables, matrix);
  }
  return matrix;
}

function addRow(collector: SiteCollector, row: MapNode, matrix: Map<string, MappedText[]>): void {
  for (const { key, value } of row.entries) {
    const items = value.kind === 'list' ? value.items : [value];
    const name = key.text.value;
    const texts = textsOf(items);
    for (const text of texts) namedValue(collector, name, text, 'variable');
    const known = matrix.get(name);
    if (known === undefined) matrix.set(name, texts);
    else for (const text of texts) known.push(text);
  }
}

function images(collector: SiteCollector, owner: MapNode, scope: JobScope): void {
  image(collector, owner.get('image'), scope);
  for (const service of owner.list('services')) image(collector, service, scope);
}

function image(collector: SiteCollector, node: ConfigNode | undefined, scope: JobScope): void {
  const name = textOr(node, 'name');
  if (name === undefined) return;
  const input = (expression: string) => {
    const value = scope.inputs.get(expression);
    return value === undefined ? undefined : [value];
  };
  for (const reading of readings(name.text, GITLAB_INPUTS, input, collector.budget)) {
    const text = withoutProxy(reading);
    for (const inner of scopesFor(text.value, scope, collector.budget))
      collector.image(text, { kind: 'image', scope: inner }, name.start);
  }
}

/** The scopes a text is read with: one for each value of the first variable in it that the matrix sets. */
function scopesFor(
  text: string,
  { variables, matrix }: JobScope,
  budget: WorkBudget,
): readonly VariableScope[] {
  const others: VariableScope = (name) => matrix.get(name)?.[0] ?? variables(name);
  const varied = matrix.size === 0 ? undefined : [...namesIn(text, SHELL)].find((name) => matrix.has(name));
  if (varied === undefined) return [others];
  const own = variables(varied);
  const values = affordable(matrix.get(varied) ?? [], budget);
  return [...(own === undefined ? [] : [own]), ...values].map(
    (value) => (name) => (name === varied ? value : others(name)),
  );
}

function withoutProxy(text: MappedText): MappedText {
  const whole = trimmed(text);
  const prefix = DEPENDENCY_PROXY.exec(whole.value)?.[0];
  return prefix === undefined ? whole : part(whole, prefix.length, whole.value.length);
}

function variables(collector: SiteCollector, owner: MapNode): void {
  for (const { key, value } of owner.map('variables')?.entries ?? []) {
    const text = textOr(value, 'value');
    if (text !== undefined) namedValue(collector, key.text.value, withoutProxy(text.text), 'variable');
  }
}

/** Reads variables of the nearest owner that has them; owners in the order they are asked. */
function scopeOf(owners: readonly MapNode[]): VariableScope {
  const maps = owners.flatMap((owner) => owner.map('variables') ?? []);
  return (name) => {
    for (const map of maps) {
      const text = textOr(map.get(name), 'value');
      if (text !== undefined) return withoutProxy(text.text);
    }
    return undefined;
  };
}

/** The jobs of this file that a job extends, the nearest first. */
function basesOf(root: MapNode, job: MapNode): MapNode[] {
  const bases: MapNode[] = [];
  let current: MapNode | undefined = job;
  for (let i = 0; i < EXTENDS_LIMIT && current !== undefined; i++) {
    const extended: ConfigNode | undefined = current.get('extends');
    const names =
      extended?.kind === 'list'
        ? extended.items.slice(0, EXTENDS_LIMIT)
        : extended === undefined
          ? []
          : [extended];
    let next: MapNode | undefined;
    // Of several, the last one wins.
    for (const name of [...names].reverse()) {
      const base: MapNode | undefined = name.kind === 'text' ? root.map(name.text.value) : undefined;
      if (base === undefined || bases.includes(base)) continue;
      bases.push(base);
      next ??= base;
    }
    current = next;
  }
  return bases;
}
