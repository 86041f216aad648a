import type { FormatExtractor } from '../format.ts';
import { type MappedText, part, trimmed } from '../readers/mapped-text.ts';
import type { ConfigNode, MapNode, ReadDocuments } from '../readers/node.ts';
import { readYaml } from '../readers/yaml.ts';
import { scriptText } from './common/build-section.ts';
import { namedValue } from './common/build-values.ts';
import { type SiteCollector, VALUE_COST } from './common/collector.ts';
import { addScript } from './common/docker-commands.ts';
import { extractWith, textOr } from './common/documents.ts';
import type { Scope } from './common/expand.ts';
import { isYamlPath } from './common/paths.ts';

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
export const gitlabCi: FormatExtractor = {
  format: 'gitlab-ci',
  byContent: true,
  matchesPath: (path) =>
    PATH.test(path) || (isYamlPath(path) && INCLUDED.test(path) && !path.includes('.github/')),
  mayHold: (text) => /image|services|build-arg|@sha256:/i.test(text),
  extract: (file) => {
    const isIncluded = JOB.test(file.text) && !file.text.includes('apiVersion:');
    const read = PATH.test(file.path) || isIncluded ? readYaml : nothing;
    return extractWith(file, 'gitlab-ci', read, (collector, root) => {
      if (root.kind !== 'map' || !isPipeline(root)) return;
      variables(collector, root);
      images(collector, root, scopeOf([root]));
      const seen = new Set<ConfigNode>();
      for (const { key, value: job } of root.entries) {
        if (job.kind !== 'map' || NOT_JOBS.has(key.text.value) || seen.has(job)) continue;
        seen.add(job);
        variables(collector, job);
        const scope = scopeOf([job, ...basesOf(root, job), root]);
        images(collector, job, scope);
        for (const part of ['before_script', 'script', 'after_script']) {
          const script = scriptText(collector, job.get(part));
          if (script !== null) addScript(collector, script, { folder: '', scope, at: job.start });
        }
      }
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

function nothing(): ReadDocuments {
  return { documents: [], faults: [] };
}

function images(collector: SiteCollector, owner: MapNode, scope: Scope): void {
  image(collector, owner.get('image'), scope);
  const services = owner.list('services');
  if (!collector.spend(VALUE_COST * services.length)) return;
  for (const service of services) image(collector, service, scope);
}

function image(collector: SiteCollector, node: ConfigNode | undefined, scope: Scope): void {
  const name = textOr(node, 'name');
  if (name === undefined) return;
  collector.image(withoutProxy(name.text), { kind: 'image', scope }, name.start);
}

function withoutProxy(text: MappedText): MappedText {
  const whole = trimmed(text);
  const prefix = DEPENDENCY_PROXY.exec(whole.value)?.[0];
  return prefix === undefined ? whole : part(whole, prefix.length, whole.value.length);
}

function variables(collector: SiteCollector, owner: MapNode): void {
  const entries = owner.map('variables')?.entries ?? [];
  if (!collector.spend(VALUE_COST * entries.length)) return;
  for (const { key, value } of entries) {
    const text = textOr(value, 'value');
    if (text !== undefined) namedValue(collector, key.text.value, withoutProxy(text.text), 'variable');
  }
}

/** Reads variables of the nearest owner that has them; owners in the order they are asked. */
function scopeOf(owners: readonly MapNode[]): Scope {
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
