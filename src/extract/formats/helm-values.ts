import type { FormatExtractor } from '../format.ts';
import { declared } from './common/declared.ts';

/** Values of Helm charts: `values.yaml` and its kin (`values-prod.yaml`, `api.values.yaml`). */
export const helmValues: FormatExtractor<'helm-values'> = declared({
  format: 'helm-values',
  docs: {
    files: '`values.yaml`, `values-*.yaml`, `*.values.yaml`',
    finds:
      '`image` and `…Image` as text, or as a map of `repository` (or `repo`, `name`), `tag` (or `version`), `digest`, `registry`; maps with a registry host under any key; containers in block texts',
  },
  files: /(?:^|\/)(?:[^/]*[-_.])?values(?:[-_.][^/]*)?\.ya?ml$/,
  mayHold: /image/i,
  reader: 'yaml',
  sections: [{ values: '' }],
});
