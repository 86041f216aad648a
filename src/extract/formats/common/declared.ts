import { folderOf } from '../../../domain/path.ts';
import type { Format, SiteKind } from '../../../domain/site.ts';
import type { FormatDocs, FormatExtractor, SourceFile } from '../../format.ts';
import { readJsonc } from '../../readers/json.ts';
import { part } from '../../readers/mapped-text.ts';
import type { ConfigNode, MapNode, TextNode } from '../../readers/node.ts';
import { followPath, type NodePath, parseNodePath } from '../../readers/node-path.ts';
import { readToml } from '../../readers/toml.ts';
import { namedTexts, scriptText } from './build-section.ts';
import { addBuild } from './build-values.ts';
import type { SiteCollector } from './collector.ts';
import { type DocumentReader, eachMap, extractWith, readTemplatedYaml } from './documents.ts';
import { imagesInValues } from './helm-images.ts';
import { looksTagged } from './names.ts';
import { resolvePath } from './paths.ts';
import { addPinnedTexts } from './pinned-texts.ts';
import { addRunScript } from './script-images.ts';

/** A path from a section's owner (`readers/node-path.ts`), `''` for the owner itself; of several, see each use. */
type Paths = string | readonly string[];

/** The owner is every map of the document, each once however often it is aliased. */
export const EVERY_MAP = '..';

/** Texts that name an image, at all of the paths. */
type ImageRule = {
  readonly at: Paths;
  /** `image` unless told. */
  readonly kind?: SiteKind;
  /** How to fetch the image, written in front of its name; no part of the reference. */
  readonly transport?: RegExp;
  /** Which texts are images for sure: those with a transport, or those with a transport, a tag or a digest. All unless told. */
  readonly only?: 'transport' | 'transport-or-tag';
};

/** A build: which Dockerfile, with which arguments. Of several paths the first one that leads to something counts. */
type BuildRule = {
  /** What must be there for a build to be declared; the build's line is where it stands. */
  readonly given: Paths;
  readonly unless?: string;
  readonly dockerfile: Paths;
  readonly context: Paths;
  readonly target?: string;
  readonly args: Paths;
  /** What the context is seen from: the folder of the file, or the root of the repository. */
  readonly from: 'file' | 'root';
  /** Only a build that names its Dockerfile. */
  readonly onlyNamed?: true;
  /** Whether the Dockerfile is seen from the context; else from where the context is seen from. */
  readonly dockerfileInContext?: true;
};

/** What stands below certain places of a document. */
export type DeclaredSection = {
  /** Only in files of these paths. */
  readonly files?: RegExp;
  /** Only in files whose text holds this: what is cheaper to look for than to parse. */
  readonly mayHold?: RegExp;
  /** The owners; the document unless told. */
  readonly at?: Paths;
  /** Beside {@link EVERY_MAP}: keys below which nothing is looked for. */
  readonly passed?: ReadonlySet<string>;
  /** Only owners that have this. */
  readonly given?: string;
  readonly images?: readonly ImageRule[];
  readonly builds?: readonly BuildRule[];
  /** Scripts, as texts or lists of lines, that run in the root of the repository. */
  readonly scripts?: Paths;
  /** Values of Helm charts. */
  readonly values?: Paths;
  /** What only code can say of an owner that is a map. */
  readonly also?: (collector: SiteCollector, owner: MapNode) => void;
};

/** A file format that is no more than: these files, this reader, images at these paths, builds at those. */
export type DeclaredFormat<F extends Format> = {
  readonly format: F;
  readonly docs: FormatDocs;
  readonly files: RegExp;
  readonly mayHold?: RegExp;
  readonly reader: 'yaml' | 'json' | 'toml';
  /** Only documents in which the text under a key reads like this. */
  readonly documents?: { readonly key: string; readonly like: RegExp };
  readonly sections: readonly DeclaredSection[];
  /** Whether pinned references under other keys are looked for too; `passed`: not below these. */
  readonly pinned?: { readonly passed?: ReadonlySet<string> };
};

const READERS: { readonly [reader in DeclaredFormat<Format>['reader']]: DocumentReader } = {
  yaml: readTemplatedYaml,
  json: readJsonc,
  toml: readToml,
};

/** The extractor of a format that is described as data. Throws a RangeError where one of its paths is not well-formed. */
export function declared<F extends Format>(format: DeclaredFormat<F>): FormatExtractor<F> {
  const { mayHold } = format;
  const sections = format.sections.map((section) => prepared(section));
  return {
    format: format.format,
    docs: format.docs,
    matchesPath: (path) => format.files.test(path),
    ...(mayHold === undefined ? {} : { mayHold: (text: string) => mayHold.test(text) }),
    extract: (file) => {
      const own = sections.filter((section) => section.isFor(file));
      const read: DocumentReader =
        own.length === 0 ? () => ({ documents: [], faults: [] }) : READERS[format.reader];
      const scripts = new Set<ConfigNode>();
      return extractWith(file, format.format, read, (collector, root) => {
        if (!isWanted(root, format.documents)) return;
        for (const section of own) section.take(collector, root, scripts);
        if (format.pinned !== undefined) addPinnedTexts(collector, root, format.pinned.passed);
      });
    },
  };
}

function isWanted(root: ConfigNode, documents: DeclaredFormat<Format>['documents']): boolean {
  if (documents === undefined) return true;
  return root.kind === 'map' && documents.like.test(root.value(documents.key) ?? '');
}

type Prepared = {
  isFor(file: SourceFile): boolean;
  take(collector: SiteCollector, root: ConfigNode, scripts: Set<ConfigNode>): void;
};

type Take = (collector: SiteCollector, owner: ConfigNode, scripts: Set<ConfigNode>) => void;

function prepared(section: DeclaredSection): Prepared {
  const { files, mayHold, passed, at = '' } = section;
  const take = prepareOwner(section);
  const owners = at === EVERY_MAP ? null : prepare(at);
  return {
    isFor: ({ path, text }) => (files?.test(path) ?? true) && (mayHold?.test(text) ?? true),
    take: (collector, root, scripts) => {
      if (owners !== null) {
        for (const owner of owners.flatMap((path) => nodesAt(root, path))) take(collector, owner, scripts);
        return;
      }
      const visit = (map: MapNode): 'into' => {
        take(collector, map, scripts);
        return 'into';
      };
      eachMap(root, visit, passed);
    },
  };
}

function prepareOwner(section: DeclaredSection): Take {
  const given = section.given === undefined ? null : prepare(section.given);
  const images = (section.images ?? []).map((rule) => ({ rule, paths: prepare(rule.at) }));
  const builds = (section.builds ?? []).map((rule) => prepareBuild(rule));
  const scriptPaths = prepare(section.scripts ?? []);
  const valuePaths = prepare(section.values ?? []);
  return (collector, owner, scripts) => {
    if (given !== null && firstAt(owner, given) === undefined) return;
    for (const { rule, paths } of images) {
      for (const path of paths)
        for (const node of nodesAt(owner, path)) if (node.kind === 'text') addImage(collector, node, rule);
    }
    for (const path of scriptPaths)
      for (const node of nodesAt(owner, path)) addScriptOnce(collector, node, scripts);
    for (const build of builds) build(collector, owner);
    for (const path of valuePaths) for (const node of nodesAt(owner, path)) imagesInValues(collector, node);
    if (owner.kind === 'map') section.also?.(collector, owner);
  };
}

function addImage(collector: SiteCollector, { text, start }: TextNode, rule: ImageRule): void {
  const transport = rule.transport?.exec(text.value)?.[0].length ?? 0;
  if (rule.only === 'transport' && transport === 0) return;
  if (rule.only === 'transport-or-tag' && transport === 0 && !looksTagged(text.value)) return;
  const image = transport === 0 ? text : part(text, transport, text.value.length);
  collector.image(image, { kind: rule.kind ?? 'image' }, start);
}

function addScriptOnce(collector: SiteCollector, node: ConfigNode, scripts: Set<ConfigNode>): void {
  if (scripts.has(node)) return;
  scripts.add(node);
  const script = scriptText(node);
  if (script !== null) addRunScript(collector, script, { folder: '', at: node.start });
}

function prepareBuild(rule: BuildRule): (collector: SiteCollector, owner: ConfigNode) => void {
  const given = prepare(rule.given);
  const unless = prepare(rule.unless ?? []);
  const [dockerfiles, contexts] = [prepare(rule.dockerfile), prepare(rule.context)];
  const [targets, argPaths] = [prepare(rule.target ?? []), prepare(rule.args)];
  return (collector, owner) => {
    const there = firstAt(owner, given);
    if (there === undefined || firstAt(owner, unless) !== undefined) return;
    const base = rule.from === 'root' ? '' : folderOf(collector.path);
    const context = resolvePath(base, textAt(owner, contexts) ?? '.');
    const file = textAt(owner, dockerfiles);
    if (file === undefined && rule.onlyNamed) return;
    const seenFrom = rule.dockerfileInContext ? context : base;
    const dockerfile = file === undefined || seenFrom === null ? null : resolvePath(seenFrom, file);
    addBuild(collector, {
      at: there.start,
      dockerfile,
      // A Dockerfile that is named and cannot be followed must not be taken for the context's own.
      context: file !== undefined && dockerfile === null ? null : context,
      target: textAt(owner, targets) ?? null,
      args: namedTexts(firstAt(owner, argPaths)),
    });
  };
}

function prepare(paths: Paths): readonly NodePath[] {
  return (typeof paths === 'string' ? [paths] : paths).map((path) => {
    if (path === '') return [];
    const parsed = parseNodePath(path);
    if (!parsed.ok) throw new RangeError(`${JSON.stringify(path)}: ${parsed.fault}`);
    return parsed.value;
  });
}

/** The nodes at the end of a path. A path of one key, as most are, is looked up and no more. */
function nodesAt(owner: ConfigNode, path: NodePath): readonly ConfigNode[] {
  const [step, ...more] = path;
  if (step === undefined) return [owner];
  if (step.kind !== 'key' || more.length > 0) return followPath(owner, path);
  const node = owner.kind === 'map' ? owner.get(step.name) : undefined;
  return node === undefined ? [] : [node];
}

function firstAt(owner: ConfigNode, paths: readonly NodePath[]): ConfigNode | undefined {
  for (const path of paths) {
    const node = nodesAt(owner, path).find(({ kind }) => kind !== 'empty');
    if (node !== undefined) return node;
  }
  return undefined;
}

function textAt(owner: ConfigNode, paths: readonly NodePath[]): string | undefined {
  for (const path of paths) {
    for (const node of nodesAt(owner, path)) if (node.kind === 'text') return node.text.value;
  }
  return undefined;
}
