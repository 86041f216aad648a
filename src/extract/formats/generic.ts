import { parseImageReference } from '../../domain/image-reference.ts';
import { matchesPath, type PathPattern } from '../../domain/path-glob.ts';
import type { SourceSpan } from '../../domain/source-span.ts';
import type { FormatDocs, FormatExtractor, SourceFile } from '../format.ts';
import { readHcl } from '../readers/hcl.ts';
import { readJsonc } from '../readers/json.ts';
import { locate, verbatim } from '../readers/mapped-text.ts';
import type { ConfigNode, ReadDocuments, TextNode } from '../readers/node.ts';
import { followPath, type NodePath, parseNodePath } from '../readers/node-path.ts';
import { readToml } from '../readers/toml.ts';
import { readXml } from '../readers/xml.ts';
import { SiteCollector } from './common/collector.ts';
import { readTemplatedYaml } from './common/documents.ts';
import { slotOf } from './common/image-text.ts';
import { compilePattern, type Pattern, patternMatches } from './common/pattern-matches.ts';
import { type ImageKeys, imageFromKeys } from './common/separate-keys.ts';

/** A format of the repository's own, as `managers` in its configuration describes it: with a pattern, or with a path. */
export type Manager = {
  readonly name?: string | undefined;
  /** The files it is for. */
  readonly files: readonly PathPattern[];
  readonly pattern?: string | undefined;
  readonly path?: string | undefined;
};

/** The row of the table in docs/formats.md. */
export const GENERIC_DOCS: FormatDocs = {
  files: 'what `managers` in the configuration name',
  finds: 'see [formats of your own](#formats-of-your-own)',
};

type Reader = (collector: SiteCollector, file: SourceFile) => void;

const NAME_GROUPS = ['repository', 'name'] as const;
const READERS: readonly (readonly [RegExp, (text: string) => ReadDocuments])[] = [
  [/\.(?:json|jsonc|json5|jsonld)$/, readJsonc],
  [/\.toml$/, readToml],
  [/\.(?:hcl|tf|tofu|tfvars|nomad)$/, readHcl],
  [/\.xml$/, readXml],
];

/**
 * One extractor for all `managers` of a configuration, for files that several of them may name. A pattern (RE2) names the
 * whole reference by the group `image`, or its parts by `registry`, `repository` (or `name`), `tag` and `digest`; a path
 * leads to a text with a whole reference, or to a map with the parts under these keys. A manager that is not well-formed is an error of each of its files: see
 * {@link managerFault}.
 */
export function genericExtractor(managers: readonly Manager[]): FormatExtractor<'generic'> {
  const prepared = managers.map((manager) => ({
    matches: (path: string) => manager.files.some((pattern) => matchesPath(pattern, path)),
    read: readerOf(manager),
  }));
  return {
    format: 'generic',
    docs: GENERIC_DOCS,
    matchesPath: (path) => prepared.some(({ matches }) => matches(path)),
    extract: (file) => {
      const collector = new SiteCollector(file, 'generic');
      for (const { matches, read } of prepared) if (matches(file.path)) read(collector, file);
      return collector.result();
    },
  };
}

/** What is wrong with a manager's pattern or path, as a sentence to stand behind its name; null where nothing is. */
export function managerFault(manager: Manager): string | null {
  const prepared = prepare(manager);
  return typeof prepared === 'string' ? prepared : null;
}

function prepare({ pattern, path }: Manager): { pattern: Pattern } | { path: NodePath } | string {
  if (pattern !== undefined) {
    const compiled = compilePattern(pattern);
    if (!compiled.ok) return compiled.fault;
    const { groups } = compiled.value;
    if (groups.includes('image') || NAME_GROUPS.some((name) => groups.includes(name)))
      return { pattern: compiled.value };
    return 'the pattern has no group that names an image: write (?P<image>…), or (?P<name>…) with (?P<tag>…) and (?P<digest>…)';
  }
  if (path === undefined) return 'it has neither a pattern nor a path';
  const parsed = parseNodePath(path);
  return parsed.ok ? { path: parsed.value } : parsed.fault;
}

function readerOf(manager: Manager): Reader {
  const prepared = prepare(manager);
  if (typeof prepared === 'string') {
    const name = manager.name ?? manager.files.map(({ text }) => text).join(', ');
    const message = `not read by the manager ${JSON.stringify(name)}: ${prepared}`;
    return (collector) => collector.faults([{ code: 'syntax', offset: 0, message }]);
  }
  if ('pattern' in prepared) return (collector, file) => readByPattern(collector, file, prepared.pattern);
  return (collector, file) => readByPath(collector, file, prepared.path);
}

function readByPattern(collector: SiteCollector, file: SourceFile, pattern: Pattern): void {
  for (const spans of patternMatches(pattern, file.text)) {
    const node = (name: string): TextNode | undefined => {
      const span = spans.get(name);
      return span === undefined ? undefined : nodeOf(file.text, span);
    };
    const image = node('image');
    if (image !== undefined) {
      collector.image(image.text, { kind: 'image' }, image.start);
      continue;
    }
    const repository = NAME_GROUPS.map((name) => node(name)).find((one) => one !== undefined);
    if (repository === undefined) continue;
    addParts(collector, { registry: node('registry'), repository, tag: node('tag'), digest: node('digest') });
  }
}

function readByPath(collector: SiteCollector, file: SourceFile, path: NodePath): void {
  const read = READERS.find(([ending]) => ending.test(file.path))?.[1] ?? readTemplatedYaml;
  const { documents, faults } = read(file.text);
  collector.faults(faults);
  for (const document of documents) {
    for (const node of followPath(document, path)) addNode(collector, node);
  }
}

function addNode(collector: SiteCollector, node: ConfigNode): void {
  if (node.kind === 'text') collector.image(node.text, { kind: 'image' }, node.start);
  if (node.kind === 'list') {
    for (const item of node.items) if (item.kind === 'text') addNode(collector, item);
  }
  if (node.kind !== 'map') return;
  const whole = node.text('image');
  const repository = node.text('repository') ?? node.text('name') ?? whole;
  if (repository === undefined) return;
  const [tag, digest] = [node.text('tag') ?? node.text('version'), node.text('digest')];
  if (tag === undefined && digest === undefined) addNode(collector, repository);
  else addParts(collector, { registry: node.text('registry'), repository, tag, digest });
}

/** A tag of an unknown format may not be able to carry a digest: only a place of its own, or one that is there, is written. */
function addParts(collector: SiteCollector, keys: ImageKeys): void {
  const { registry, repository, tag, digest } = keys;
  if (digest !== undefined || (tag ?? repository).text.value.includes('@sha256:')) {
    imageFromKeys(collector, keys, 'image');
    return;
  }
  const host = registry === undefined || registry.text.value === '' ? '' : `${registry.text.value}/`;
  const name = `${host}${repository.text.value}${tag === undefined ? '' : `:${tag.text.value}`}`;
  const parsed = parseImageReference(name);
  const span = locate(repository.text, 0, repository.text.value.length);
  if (!parsed.ok || span === null) {
    const detail = parsed.ok ? 'the name contains escapes: write it plainly' : parsed.fault.message;
    collector.skip(name, repository.start, parsed.ok ? 'unsupported-spelling' : 'invalid-reference', detail);
    return;
  }
  const detail = 'there is nowhere to put a digest: add a place for it, and name that in the manager';
  collector.site(parsed.value, [slotOf('reference', span, repository.text.value)], {
    kind: 'image',
    skip: { reason: 'unsupported-spelling', detail },
  });
}

function nodeOf(text: string, { start, end }: SourceSpan): TextNode {
  return { kind: 'text', text: verbatim(text.slice(start, end), start), style: 'quoted', start, end };
}
