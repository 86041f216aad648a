import type { FormatExtractor } from '../format.ts';
import { extractYaml } from './common/documents.ts';
import { imagesInValues } from './common/helm-images.ts';

const PATH = /(?:^|\/)(?:[^/]*[-_.])?values(?:[-_.][^/]*)?\.ya?ml$/;

/** Values of Helm charts: `values.yaml` and its kin (`values-prod.yaml`, `api.values.yaml`). */
export const helmValues: FormatExtractor = {
  format: 'helm-values',
  matchesPath: (path) => PATH.test(path),
  mayHold: (text) => /image/i.test(text),
  extract: (file) =>
    extractYaml(file, 'helm-values', (collector, document) => imagesInValues(collector, document)),
};
