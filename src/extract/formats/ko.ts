import type { FormatExtractor } from '../format.ts';
import { extractYamlMaps } from './common/documents.ts';

/** ko's `.ko.yaml`: the default base image and the overrides per import path. */
export const ko: FormatExtractor = {
  format: 'ko',
  matchesPath: (path) => /(?:^|\/)\.ko\.ya?ml$/.test(path),
  extract: (file) =>
    extractYamlMaps(file, 'ko', (collector, root) => {
      const base = root.text('defaultBaseImage');
      if (base !== undefined) collector.image(base.text, { kind: 'image' }, base.start);
      for (const { value } of root.map('baseImageOverrides')?.merged() ?? []) {
        if (value.kind === 'text') collector.image(value.text, { kind: 'image' }, value.start);
      }
    }),
};
