import type { FormatExtractor } from '../format.ts';
import { declared } from './common/declared.ts';

/** xcargo.toml: the image that cross builds run in, and those of single targets. */
export const xcargo: FormatExtractor<'xcargo'> = declared({
  format: 'xcargo',
  docs: { files: '`xcargo.toml`', finds: '`container.image`, of single targets too' },
  files: /(?:^|\/)xcargo\.toml$/,
  reader: 'toml',
  sections: [
    { images: [{ at: ['container.image', 'target.*.container.image', 'container.target.*.image'] }] },
  ],
});
