import type { FormatExtractor } from '../src/extract/format.ts';
import { GENERIC_DOCS } from '../src/extract/formats/generic.ts';
import { formats } from '../src/extract/formats/list.ts';

const START = '<!-- formats: written by "npm run docs" from src/extract/formats; do not edit -->';
const END = '<!-- /formats -->';

/** The Markdown table of all formats: a row for each, in the order of the list, the repository's own last. */
export function formatTable(): string {
  const known: readonly Pick<FormatExtractor, 'format' | 'docs'>[] = [
    ...formats,
    { format: 'generic', docs: GENERIC_DOCS },
  ];
  const rows = known.map(({ format, docs }) => `| \`${format}\` | ${docs.files} | ${docs.finds} |`);
  return ['| Format | Files | What is found |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The text of docs/formats.md with its table up to date. Throws a RangeError where the marks around it are gone. */
export function withFormatTable(document: string): string {
  const [start, end] = [document.indexOf(START), document.indexOf(END)];
  if (start < 0 || end < start)
    throw new RangeError(`docs/formats.md has no lines ${START} and ${END}: restore them`);
  return `${document.slice(0, start)}${START}\n\n${formatTable()}\n\n${document.slice(end)}`;
}
