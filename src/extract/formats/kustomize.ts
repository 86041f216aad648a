import type { FormatExtractor } from '../format.ts';
import { extractYamlMaps } from './common/documents.ts';
import { imagesInValues } from './common/helm-images.ts';
import { addKustomizeImages } from './common/kustomize-images.ts';

const PATH = /(?:^|\/)kustomization(?:\.ya?ml)?$/i;

/** Kustomizations: their `images`, and the inline values of Helm charts they inflate. */
export const kustomize: FormatExtractor = {
  format: 'kustomize',
  matchesPath: (path) => PATH.test(path),
  mayHold: (text) => /image/i.test(text),
  extract: (file) =>
    extractYamlMaps(file, 'kustomize', (collector, root) => {
      addKustomizeImages(collector, root);
      for (const chart of root.list('helmCharts')) {
        const values = chart.kind === 'map' ? chart.map('valuesInline') : undefined;
        if (values !== undefined) imagesInValues(collector, values);
      }
    }),
};
