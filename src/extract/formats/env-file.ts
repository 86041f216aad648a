import type { FormatExtractor } from '../format.ts';
import type { VariableScope } from '../interpolation/interpolate.ts';
import { type MappedText, verbatim } from '../readers/mapped-text.ts';
import { namedValue } from './common/build-values.ts';
import { SiteCollector } from './common/collector.ts';

const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,200})[ \t]*[=:]/;

/**
 * `.env` files as Compose reads them: `NAME=value`, quoted or not. What has no digest counts where Compose or a build takes
 * it as an image: a name alone may be that of what is built.
 * Spec: docs.docker.com/compose/how-tos/environment-variables/variable-interpolation.
 */
export const envFile: FormatExtractor<'env-file'> = {
  format: 'env-file',
  docs: {
    files: '`.env`, `.env.*`, `*.env`',
    finds: 'values with a digest; others where Compose reads them',
  },
  matchesPath: (path) =>
    /(?:^|\/)\.env(?:\.[^/]+)?$|\.env$|(?:^|\/)env\.(?:dist|example|sample|template)$/.test(path),
  mayHold: (text) => text.includes(':') || text.includes('/'),
  extract: (file) => {
    const collector = new SiteCollector(file, 'env-file');
    const variables = new Map<string, MappedText>();
    const scope: VariableScope = (name) => variables.get(name);
    const { text } = file;
    for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; ) {
      const lineFeed = text.indexOf('\n', at);
      const end = lineFeed < 0 ? text.length : lineFeed;
      const match = ASSIGNMENT.exec(text.slice(at, Math.min(end, at + 300)));
      if (match?.[1] !== undefined) {
        const value = valueAt(text, at + match[0].length, end);
        namedValue(collector, match[1], value, 'variable', scope);
        variables.set(match[1], value);
      }
      at = end + 1;
    }
    return collector.result();
  },
};

/** The value between two offsets, without quotes and without a comment behind it. */
function valueAt(text: string, from: number, to: number): MappedText {
  let start = from;
  while (start < to && (text[start] === ' ' || text[start] === '\t')) start++;
  const quote = text[start];
  if (quote === '"' || quote === "'") {
    const close = text.indexOf(quote, start + 1);
    if (close > 0 && close < to) return verbatim(text.slice(start + 1, close), start + 1);
  }
  let end = start;
  while (
    end < to &&
    !(text[end] === '#' && (end === start || text[end - 1] === ' ' || text[end - 1] === '\t'))
  )
    end++;
  return verbatim(text.slice(start, end).trimEnd(), start);
}
