import type { FormatExtractor } from '../format.ts';
import { TEKTON } from '../interpolation/dialects.ts';
import { follow, valuesOf } from '../interpolation/interpolate.ts';
import { concat, type MappedText, unmapped } from '../readers/mapped-text.ts';
import type { ConfigNode, MapNode } from '../readers/node.ts';
import { namedTexts } from './common/build-section.ts';
import { addBuild, type NamedText, namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { addScript } from './common/docker-commands.ts';
import { eachMap, extractWith, readWantedDocuments } from './common/documents.ts';
import { containerCommand, isManifest } from './common/manifest-images.ts';
import { isManifestPath, resolvePath } from './common/paths.ts';
import { addPinnedTexts } from './common/pinned-texts.ts';
import { addRunScript } from './common/script-images.ts';

/**
 * Tekton: images of steps, sidecars and step templates, bundles, parameters that hold images (followed where a step says
 * `$(params.NAME)`), and the build arguments that runs hand to buildah and kaniko tasks.
 */
export const tekton: FormatExtractor<'tekton'> = {
  format: 'tekton',
  docs: {
    files: 'documents of `tekton.dev`',
    finds:
      'steps, sidecars, step templates, bundles; parameters where a step reads them; `BUILD_ARGS` and `EXTRA_ARGS`',
  },
  byContent: true,
  matchesPath: isManifestPath,
  mayHold: mayHoldTekton,
  extract: (file) =>
    extractWith(
      file,
      'tekton',
      (text, budget) => readWantedDocuments(text, budget, mayHoldTekton),
      (collector, document) => {
        if (document.kind === 'map' && isManifest(document) && isTekton(document))
          tektonDocument(collector, document);
      },
    ),
};

const PASSED_KEYS: ReadonlySet<string> = new Set(['metadata', 'status']);

function mayHoldTekton(text: string): boolean {
  return text.includes('tekton.dev/');
}

function isTekton(document: MapNode): boolean {
  return /^(?:[a-z]+\.)*tekton\.dev\//.test(document.value('apiVersion') ?? '');
}

function tektonDocument(collector: SiteCollector, document: MapNode): void {
  const params = new Map<string, MappedText>();
  eachMap(document, (map) => {
    const list = map.list('params');
    for (const param of list) {
      if (param.kind !== 'map') continue;
      const [name, value] = [param.value('name'), param.text('value') ?? param.text('default')];
      if (name === undefined || value === undefined || params.has(name)) continue;
      params.set(name, value.text);
      namedValue(collector, name, value.text, 'variable');
    }
    return 'into';
  });
  eachMap(
    document,
    (map) => {
      takeMap(collector, map, params);
      return 'into';
    },
    PASSED_KEYS,
  );
  addPinnedTexts(collector, document, PASSED_KEYS);
}

function takeMap(collector: SiteCollector, map: MapNode, params: ReadonlyMap<string, MappedText>): void {
  const image = map.text('image');
  if (image !== undefined) {
    const scope = valuesOf((name) => params.get(name));
    for (const { text, variable } of follow(image.text, TEKTON, scope, collector.budget))
      collector.image(text, { kind: 'image', name: variable }, image.start);
  }
  containerCommand(collector, map);
  const bundle = map.text('bundle');
  if (bundle !== undefined) collector.image(bundle.text, { kind: 'image', invalid: 'ignore' }, bundle.start);
  const list = map.list('params');
  if (map.value('resolver') === 'bundles') {
    const source = given(list, 'bundle') ?? given(map.list('resource'), 'bundle');
    if (source?.kind === 'text')
      collector.image(source.text, { kind: 'image', invalid: 'ignore' }, source.start);
  }
  buildParams(collector, list);
  const script = map.text('script');
  if (script !== undefined) addRunScript(collector, script.text, { folder: null, at: script.start });
}

/** Parameters of the catalogue's buildah and kaniko tasks. */
function buildParams(collector: SiteCollector, params: readonly ConfigNode[]): void {
  const args = given(params, 'BUILD_ARGS');
  const extra = given(params, 'EXTRA_ARGS') ?? given(params, 'BUILD_EXTRA_ARGS');
  const dockerfile = textOf(given(params, 'DOCKERFILE'));
  const context = textOf(given(params, 'CONTEXT') ?? given(params, 'PATH_CONTEXT'));
  const root = resolvePath('', context ?? '');
  const file = dockerfile === null ? null : resolvePath('', dockerfile);
  if (args !== undefined) {
    const named: readonly NamedText[] = namedTexts(args);
    addBuild(collector, { at: args.start, dockerfile: file, context: root, args: named });
  }
  if (extra === undefined) return;
  const words = extra.kind === 'list' ? extra.items : [extra];
  const pieces = words.flatMap((word) => (word.kind === 'text' ? [unmapped(' '), word.text] : []));
  const option = file === null ? '' : ` -f ${file}`;
  const command = concat([unmapped(`docker build${option}`), ...pieces, unmapped(` ${root ?? '-'}`)]);
  addScript(collector, command, { folder: '', at: extra.start });
}

function given(params: readonly ConfigNode[], name: string): ConfigNode | undefined {
  for (const param of params) {
    if (param.kind === 'map' && param.value('name') === name)
      return param.get('value') ?? param.get('default');
  }
  return undefined;
}

function textOf(node: ConfigNode | undefined): string | null {
  return node?.kind === 'text' ? node.text.value : null;
}
