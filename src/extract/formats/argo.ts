import type { FormatExtractor } from '../format.ts';
import { readEmbeddedYaml } from '../readers/embedded-yaml.ts';
import type { MapNode } from '../readers/node.ts';
import { namedValue } from './common/build-values.ts';
import type { SiteCollector } from './common/collector.ts';
import { eachMap, extractWith, readWantedDocuments } from './common/documents.ts';
import { imagesInValues } from './common/helm-images.ts';
import { addKustomizeTexts } from './common/kustomize-images.ts';
import { addManifestImages, isManifest } from './common/manifest-images.ts';
import { isManifestPath } from './common/paths.ts';
import { addPinnedTexts } from './common/pinned-texts.ts';

/** What the cluster writes. */
const PASSED_KEYS: ReadonlySet<string> = new Set(['status', 'managedFields']);

/**
 * Argo: images of workflows, rollouts, events and their templates, parameters that hold images, and the images and Helm
 * values that Argo CD applications set.
 */
export const argo: FormatExtractor<'argo'> = {
  format: 'argo',
  docs: {
    files: 'documents of `argoproj.io`',
    finds:
      'workflow templates, rollouts, parameters; `kustomize.images`, `helm.values` and `valuesObject` of applications',
  },
  byContent: true,
  matchesPath: isManifestPath,
  mayHold: mayHoldArgo,
  extract: (file) =>
    extractWith(
      file,
      'argo',
      (text, budget) => readWantedDocuments(text, budget, mayHoldArgo),
      (collector, document) => {
        if (document.kind !== 'map' || !isManifest(document)) return;
        if (document.value('apiVersion')?.startsWith('argoproj.io/')) argoDocument(collector, document);
      },
    ),
};

function mayHoldArgo(text: string): boolean {
  return text.includes('argoproj.io/') && /image|@sha256:/i.test(text);
}

function argoDocument(collector: SiteCollector, document: MapNode): void {
  const kind = document.value('kind') ?? '';
  if (kind === 'Application' || kind === 'ApplicationSet') {
    addKustomizeTexts(collector, document);
    eachMap(document, (map) => {
      const values = map.map('valuesObject');
      if (values !== undefined) imagesInValues(collector, values);
      const text = map.text('values');
      if (text?.style === 'block') {
        for (const document of readEmbeddedYaml(text, collector.budget)) imagesInValues(collector, document);
      }
      return 'into';
    });
    return;
  }
  addManifestImages(collector, document);
  parameterImages(collector, document);
  addPinnedTexts(collector, document, PASSED_KEYS);
}

function parameterImages(collector: SiteCollector, document: MapNode): void {
  eachMap(document, (map) => {
    const parameters = map.list('parameters');
    for (const parameter of parameters) {
      if (parameter.kind !== 'map') continue;
      const [name, value] = [parameter.value('name'), parameter.text('value') ?? parameter.text('default')];
      if (name !== undefined && value !== undefined) namedValue(collector, name, value.text, 'variable');
    }
    return 'into';
  });
}
