import type { Format, Site, SiteKind } from '../../src/domain/site.ts';
import type { FileExtraction, SourceFile } from '../../src/extract/format.ts';
import { toImageReference } from '../support/image-reference.ts';

/**
 * A format for tests: every word `kind:name=reference` is a site, `bare` words are nothing, `skip:reference` words are
 * skipped places, and `~` before a word puts it in the pin group of its name.
 */
export function extractWords({ path, text }: SourceFile, format: Format = 'generic'): FileExtraction {
  const sites: Site[] = [];
  const skipped: FileExtraction['skipped'][number][] = [];
  for (const [lineIndex, line] of text.split('\n').entries()) {
    const lineStart = text.split('\n').slice(0, lineIndex).join('\n').length + (lineIndex === 0 ? 0 : 1);
    for (const match of line.matchAll(/(~?)(from|arg-default|build-arg|skip):(\w+)=(\S+)/g)) {
      const [whole, tilde, kind, name = '', reference = ''] = match;
      const start = lineStart + match.index + whole.length - reference.length;
      const place = { file: path, line: lineIndex + 1, column: 1 };
      if (kind === 'skip') {
        skipped.push({ ...place, text: reference, reason: 'stage', detail: `${reference} is a stage` });
        continue;
      }
      const end = start + reference.length;
      sites.push({
        ...place,
        format,
        kind: toKind(kind),
        name,
        text: reference,
        start,
        end,
        image: toImageReference(reference),
        slots: [{ holds: 'reference', start, end, text: reference }],
        skip: null,
        tagHint: null,
        pin: tilde === '~' ? name : null,
      });
    }
  }
  return { file: path, format, sites, skipped, errors: [], args: [], builds: [] };
}

function toKind(text: string | undefined): SiteKind {
  return text === 'arg-default' || text === 'build-arg' ? text : 'from';
}
