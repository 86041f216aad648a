import type { FormatExtractor } from '../format.ts';
import { GITHUB } from '../interpolation/dialects.ts';
import { readings, readingsInEach } from '../interpolation/interpolate.ts';
import { type MappedText, part, trimmed } from '../readers/mapped-text.ts';
import type { ConfigNode, MapNode, TextNode } from '../readers/node.ts';
import { readYaml } from '../readers/yaml.ts';
import { namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { extractWith, textOr } from './common/documents.ts';
import { resolvePath } from './common/paths.ts';
import { addPinnedTexts } from './common/pinned-texts.ts';
import {
  expressionsFor,
  jobScope,
  type WorkflowScope,
  withEnvironment,
  workflowScope,
} from './github/scope.ts';
import { addStep } from './github/steps.ts';

const PATH =
  /(?:^|\/)(?:workflow-templates|\.(?:github|gitea|forgejo)\/(?:workflows|actions))\/.+\.ya?ml$|(?:^|\/)action\.ya?ml$/;

/** How deep `parallel` groups of steps are followed. */
const GROUP_LIMIT = 4;

/**
 * Workflows and actions of GitHub, Gitea and Forgejo: job containers, services, `docker://` steps, `runs.image`; build
 * arguments of build steps and scripts, through `env`, `matrix` and `inputs` to where the image is written.
 */
export const githubActions: FormatExtractor<'github-actions'> = {
  format: 'github-actions',
  docs: {
    files:
      '`.github/workflows/**`, `.github/actions/**`, `action.yml`; the same under `.gitea` and `.forgejo`; `workflow-templates/**`',
    finds: '`container`, `services`, `uses: docker://`, `runs.image`; build arguments',
  },
  matchesPath: (path) => PATH.test(path),
  mayHold: (text) => /container|docker|services|build-arg|buildah|podman|image|@sha256:/i.test(text),
  extract: (file) =>
    extractWith(file, 'github-actions', readYaml, (collector, root) => {
      if (root.kind !== 'map') return;
      const scope = workflowScope(root);
      inputsAndEnvironment(collector, root, scope);
      const seen = new Set<ConfigNode>();
      for (const { value: job } of root.map('jobs')?.entries ?? []) {
        if (job.kind !== 'map' || seen.has(job)) continue;
        seen.add(job);
        addJob(collector, job, scope, folderSet(root) ?? '');
      }
      const runs = root.map('runs');
      if (runs !== undefined) addAction(collector, runs, scope);
      addPinnedTexts(collector, root);
    }),
};

function addJob(collector: SiteCollector, job: MapNode, outer: WorkflowScope, workflowFolder: string): void {
  const scope = jobScope(job, outer);
  environment(collector, job, scope);
  for (const [name, texts] of scope.matrix) {
    for (const text of texts) namedValue(collector, name, text, 'variable');
  }
  containerImage(collector, job.get('container'), scope);
  for (const { value } of job.map('services')?.merged() ?? []) containerImage(collector, value, scope);
  // What a reusable workflow is handed is read as what an action is.
  if (job.map('with') !== undefined) addStep(collector, job, scope, '');
  steps(collector, job.list('steps'), scope, folderSet(job) ?? workflowFolder);
}

function addAction(collector: SiteCollector, runs: MapNode, scope: WorkflowScope): void {
  const image = runs.text('image');
  if (runs.value('using') === 'docker' && image !== undefined) dockerUrl(collector, image, scope);
  environment(collector, runs, scope);
  steps(collector, runs.list('steps'), scope, '');
}

function steps(
  collector: SiteCollector,
  items: readonly ConfigNode[],
  scope: WorkflowScope,
  folder: string,
  depth = 0,
): void {
  const seen = new Set<ConfigNode>();
  for (const step of items) {
    if (step.kind !== 'map' || seen.has(step)) continue;
    seen.add(step);
    if (depth < GROUP_LIMIT) steps(collector, step.list('parallel'), scope, folder, depth + 1);
    const uses = step.text('uses');
    if (uses !== undefined) dockerUrl(collector, uses, scope);
    environment(collector, step, scope);
    const inner = withEnvironment(scope, step.map('env'));
    addStep(collector, step, inner, resolvePath('', step.value('working-directory') ?? folder));
  }
}

function containerImage(collector: SiteCollector, node: ConfigNode | undefined, scope: WorkflowScope): void {
  const image = textOr(node, 'image');
  if (image === undefined) return;
  for (const reading of allReadings(collector, image.text, scope)) {
    const text = withoutScheme(trimmed(reading));
    collector.image(text, { kind: 'image', name: nameIn(image) }, image.start);
  }
}

function allReadings(
  collector: SiteCollector,
  text: MappedText,
  scope: WorkflowScope,
): readonly MappedText[] {
  return readingsInEach(text, GITHUB, expressionsFor(scope, text.value), collector.budget);
}

function dockerUrl(collector: SiteCollector, node: TextNode, scope: WorkflowScope): void {
  for (const reading of allReadings(collector, node.text, scope)) {
    const text = trimmed(reading);
    if (!text.value.startsWith('docker://')) continue;
    collector.image(withoutScheme(text), { kind: 'image', name: nameIn(node) }, node.start);
  }
}

function inputsAndEnvironment(collector: SiteCollector, root: MapNode, scope: WorkflowScope): void {
  for (const [name, text] of scope.inputs) namedValue(collector, name, text, 'variable');
  environment(collector, root, scope);
}

function environment(collector: SiteCollector, owner: MapNode, scope: WorkflowScope): void {
  for (const { key, value } of owner.map('env')?.entries ?? []) {
    if (value.kind !== 'text') continue;
    for (const reading of readings(value.text, GITHUB, scope.expression, collector.budget))
      namedValue(collector, key.text.value, reading, 'variable');
  }
}

/** The variable's name where the whole text is one expression: `${{ matrix.image }}` is held by `image`. */
function nameIn(node: TextNode): string | null {
  const whole = /^\$\{\{\s*[\w.-]*?([\w-]+)\s*\}\}$/.exec(node.text.value.trim());
  return whole?.[1] ?? null;
}

function withoutScheme(text: MappedText): MappedText {
  const scheme = 'docker://';
  return text.value.startsWith(scheme) ? part(text, scheme.length, text.value.length) : text;
}

/** `defaults.run.working-directory`. */
function folderSet(owner: MapNode): string | undefined {
  return owner.map('defaults')?.map('run')?.value('working-directory');
}
