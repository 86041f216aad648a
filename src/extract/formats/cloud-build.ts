import type { FormatExtractor } from '../format.ts';
import type { VariableScope } from '../interpolation/interpolate.ts';
import { readJsonc } from '../readers/json.ts';
import { type MappedText, unmapped } from '../readers/mapped-text.ts';
import type { MapNode } from '../readers/node.ts';
import { namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { addCommand } from './common/docker-commands.ts';
import { extractWith, readTemplatedYaml, textsOf } from './common/documents.ts';
import { resolvePath } from './common/paths.ts';
import { addPinnedTexts } from './common/pinned-texts.ts';
import { addRunScript } from './common/script-images.ts';

/** Google Cloud Build: the builders of its steps, followed through substitutions, and the builds they make. */
export const cloudBuild: FormatExtractor<'cloud-build'> = {
  format: 'cloud-build',
  docs: {
    files: '`cloudbuild*.yaml`, `cloudbuild*.json`',
    finds: 'builders of steps, through substitutions; build arguments',
  },
  matchesPath: (path) => /(?:^|\/)cloudbuild[^/]*\.(?:ya?ml|json)$/.test(path),
  mayHold: (text) => text.includes('steps'),
  extract: (file) => {
    const read = file.path.endsWith('.json') ? readJsonc : readTemplatedYaml;
    return extractWith(file, 'cloud-build', read, (collector, root) => {
      if (root.kind !== 'map') return;
      const scope = substitutions(collector, root);
      for (const step of root.list('steps')) if (step.kind === 'map') addStep(collector, step, scope);
      addPinnedTexts(collector, root);
    });
  },
};

function substitutions(collector: SiteCollector, root: MapNode): VariableScope {
  const values = new Map<string, MappedText>();
  for (const { key, value } of root.map('substitutions')?.entries ?? []) {
    if (value.kind !== 'text') continue;
    values.set(key.text.value, value.text);
    namedValue(collector, key.text.value.replace(/^_/, ''), value.text, 'variable');
  }
  return (name) => values.get(name);
}

function addStep(collector: SiteCollector, step: MapNode, scope: VariableScope): void {
  const builder = step.text('name');
  if (builder !== undefined) collector.image(builder.text, { kind: 'builder', scope }, builder.start);
  const folder = resolvePath('', step.value('dir') ?? '');
  const script = step.text('script');
  if (script !== undefined) addRunScript(collector, script.text, { folder, scope, at: script.start });
  const program = step.value('entrypoint') ?? implied(builder?.text.value ?? '');
  if (program === null) return;
  const words = textsOf(step.list('args'));
  addCommand(collector, [unmapped(program), ...words], { folder, scope, at: step.start });
}

/** The program a builder runs of itself. */
function implied(builder: string): string | null {
  if (/(?:^|\/)cloud-builders\/docker(?:[:@]|$)|(?:^|\/)docker(?:[:@]|$)/.test(builder)) return 'docker';
  return /kaniko-project\/executor(?:[:@]|$)/.test(builder) ? '/kaniko/executor' : null;
}
