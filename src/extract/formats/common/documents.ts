import { messageOf } from '../../../domain/errors.ts';
import type { Format } from '../../../domain/site.ts';
import type { FileExtraction, SourceFile } from '../../format.ts';
import { withoutIdleBlocks } from '../../readers/idle-blocks.ts';
import type { MappedText } from '../../readers/mapped-text.ts';
import type { ConfigNode, MapNode, ReadDocuments } from '../../readers/node.ts';
import { maskTemplates } from '../../readers/template-mask.ts';
import { readYaml } from '../../readers/yaml.ts';
import type { WorkBudget } from '../../work-budget.ts';
import { SiteCollector } from './collector.ts';

/** Turns a file's text into documents whose nodes charge the file's budget. */
export type DocumentReader = (text: string, budget: WorkBudget) => ReadDocuments;

/**
 * Reads a file and hands its documents to `take`. Whatever goes wrong stays in the file: mistakes become errors, and
 * what was found before them counts.
 */
export function extractWith(
  file: SourceFile,
  format: Format,
  read: DocumentReader,
  take: (collector: SiteCollector, document: ConfigNode) => void,
): FileExtraction {
  const collector = new SiteCollector(file, format);
  try {
    const { documents, faults } = read(file.text, collector.budget);
    collector.faults(faults);
    for (const document of documents) take(collector, document);
  } catch (cause) {
    const message = `not read further: ${messageOf(cause)}; please report this file`;
    collector.faults([{ code: 'internal', offset: 0, message }]);
  }
  return collector.result();
}

/** {@link extractWith} for YAML; Go templates and Jinja in it are hidden first, so that the rest can be read. */
export function extractYaml(
  file: SourceFile,
  format: Format,
  take: (collector: SiteCollector, document: ConfigNode) => void,
): FileExtraction {
  return extractWith(file, format, readTemplatedYaml, take);
}

/** {@link extractYaml} for files of maps: documents of other shapes are passed over. */
export function extractYamlMaps(
  file: SourceFile,
  format: Format,
  take: (collector: SiteCollector, document: MapNode) => void,
): FileExtraction {
  return extractYaml(file, format, (collector, document) => {
    if (document.kind === 'map') take(collector, document);
  });
}

/** Reads YAML that may hold templates. In a template a mistake is no news: the rest is not read by YAML's rules anyway. */
export function readTemplatedYaml(text: string, budget?: WorkBudget): ReadDocuments {
  const masked = maskTemplates(text);
  const read = readYaml(masked, budget);
  return masked === text
    ? read
    : { documents: read.documents, faults: read.faults.filter((f) => f.code !== 'syntax') };
}

/**
 * Reads only those documents of a YAML stream that pass `wanted`: a line `---` ends a document wherever it stands
 * (YAML 1.2, 9.1.2), so the others need no parsing; nor do blocks in which nothing matches `idle`, where one is given.
 */
export function readWantedDocuments(
  text: string,
  budget: WorkBudget,
  wanted: (document: string) => boolean,
  idle: RegExp | null = null,
): ReadDocuments {
  const masked = maskTemplates(text);
  const documents: ConfigNode[] = [];
  const faults: ReadDocuments['faults'][number][] = [];
  for (let at = 0; at < masked.length; ) {
    const next = nextDocument(masked, at);
    const piece = masked.slice(at, next);
    if (wanted(piece)) {
      const read = readYaml(idle === null ? piece : withoutIdleBlocks(piece, idle), budget, at);
      documents.push(...read.documents);
      // A mistake in YAML that is a manifest by its content alone is not for this to report; the rest of it counts.
      faults.push(...read.faults.filter((fault) => fault.code !== 'syntax'));
    }
    at = next;
  }
  return { documents, faults };
}

function nextDocument(text: string, from: number): number {
  for (let at = text.indexOf('\n---', from); at >= 0; at = text.indexOf('\n---', at + 1)) {
    const after = text[at + 4];
    if (after === undefined || after === '\n' || after === '\r' || after === ' ' || after === '\t')
      return at + 1;
  }
  return text.length;
}

/**
 * Calls `visit` with every map in a document, each once however often it is aliased, parents first. What stands under a
 * key of `passed` is not looked at.
 */
export function eachMap(
  root: ConfigNode,
  visit: (map: MapNode) => 'into' | 'past',
  passed: ReadonlySet<string> = NO_KEYS,
): void {
  const seen = new Set<ConfigNode>();
  const waiting: ConfigNode[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.kind === 'text' || node.kind === 'empty' || seen.has(node)) continue;
    seen.add(node);
    const children = node.kind === 'list' ? node.items : visit(node) === 'into' ? valuesOf(node, passed) : [];
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      if (child !== undefined) waiting.push(child);
    }
  }
}

/** The text of a scalar, or of the `key` in a map: the two ways `image: x` and `image: {name: x}` are written. */
export function textOr(node: ConfigNode | undefined, key: string) {
  if (node?.kind === 'text') return node;
  return node?.kind === 'map' ? node.text(key) : undefined;
}

const NO_KEYS: ReadonlySet<string> = new Set();

function valuesOf(map: MapNode, passed: ReadonlySet<string>): ConfigNode[] {
  return map.entries.filter(({ key }) => !passed.has(key.text.value)).map(({ value }) => value);
}

/** The scalars of a list. */
export function textsOf(items: readonly ConfigNode[]): MappedText[] {
  return items.flatMap((item) => (item.kind === 'text' ? [item.text] : []));
}
