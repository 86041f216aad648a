import type { FormatExtractor } from '../format.ts';
import { declared } from './common/declared.ts';
import { addKustomizeImages } from './common/kustomize-images.ts';

/** Kustomizations: their `images`, and the inline values of Helm charts they inflate. */
export const kustomize: FormatExtractor<'kustomize'> = declared({
  format: 'kustomize',
  docs: {
    files: '`kustomization.yaml`',
    finds: '`images`: `name` or `newName`, `newTag`, `digest`; `helmCharts[].valuesInline`',
  },
  files: /(?:^|\/)kustomization(?:\.ya?ml)?$/i,
  mayHold: /image/i,
  reader: 'yaml',
  sections: [{ also: addKustomizeImages, values: 'helmCharts[*].valuesInline' }],
});
