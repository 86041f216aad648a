import type { FormatExtractor } from '../format.ts';
import { declared } from './common/declared.ts';

/** ko's `.ko.yaml`: the default base image and the overrides per import path. */
export const ko: FormatExtractor<'ko'> = declared({
  format: 'ko',
  docs: { files: '`.ko.yaml`', finds: '`defaultBaseImage`, `baseImageOverrides`' },
  files: /(?:^|\/)\.ko\.ya?ml$/,
  reader: 'yaml',
  sections: [{ images: [{ at: ['defaultBaseImage', 'baseImageOverrides.*'] }] }],
});
