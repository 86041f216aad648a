import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ESTree, parseSync } from 'rolldown/utils';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** One import of one file; `to` is a path from the root (`src/domain/text.ts`) or a package. */
export type Import = {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
  /** The names taken; null where all may be used: `import * as`, `import('…')`. */
  readonly names: readonly string[] | null;
};

/** An exported name; `isType` where nothing of it is left at run time. */
export type Export = { readonly name: string; readonly isType: boolean };

/** A function of more lines than a screen has; `doc` is the comment before the statement or member that holds it. */
export type LongFunction = { readonly line: number; readonly lines: number; readonly doc: string };

export type SourceFile = {
  /** From the root. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  readonly longFunctions: readonly LongFunction[];
};

export const MAX_FUNCTION_LINES = 60;

/** The TypeScript files of a folder of the repository, parsed. Types included: an `import type` is an import. */
export function filesOf(folder: string): readonly SourceFile[] {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return paths
    .map((path) => posix.join(folder, path.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .sort()
    .map((path) => parse(path, readFileSync(join(root, path), 'utf8')));
}

function parse(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text, { lang: 'ts' });
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  return {
    path,
    text,
    lines: lineAt(text, text.length) - 1,
    imports: importsOf(path, program),
    exports: program.body.flatMap(exportsOf),
    longFunctions: longFunctionsOf(program, text),
  };
}

function importsOf(from: string, program: ESTree.Program): readonly Import[] {
  const found: Import[] = [];
  const add = (source: string, typeOnly: boolean, names: readonly string[] | null) => {
    const to = source.startsWith('.') ? posix.join(posix.dirname(from), source) : source;
    found.push({ from, to, typeOnly, names });
  };
  visit(program, (node) => {
    if (node.type === 'ImportDeclaration') {
      const names = node.specifiers.flatMap((specifier) =>
        specifier.type === 'ImportSpecifier' ? [nameOf(specifier.imported)] : [],
      );
      const all = names.length < node.specifiers.length;
      add(node.source.value, node.importKind === 'type', all ? null : names);
    } else if (node.type === 'ExportNamedDeclaration' && node.source !== null) {
      add(
        node.source.value,
        node.exportKind === 'type',
        node.specifiers.map(({ local }) => nameOf(local)),
      );
    } else if (node.type === 'ExportAllDeclaration') {
      add(node.source.value, node.exportKind === 'type', null);
    } else if (node.type === 'ImportExpression' && node.source.type === 'Literal') {
      add(String(node.source.value), false, null);
    } else if (node.type === 'TSImportType') {
      add(node.source.value, true, null);
    }
    return true;
  });
  return found;
}

function nameOf(name: ESTree.ModuleExportName): string {
  return name.type === 'Literal' ? name.value : name.name;
}

function exportsOf(statement: ESTree.Program['body'][number]): readonly Export[] {
  if (statement.type !== 'ExportNamedDeclaration') return [];
  const { declaration } = statement;
  const isType = statement.exportKind === 'type';
  if (declaration === null) {
    return statement.specifiers.map(({ exported }) => ({ name: nameOf(exported), isType }));
  }
  if (declaration.type === 'VariableDeclaration') {
    return declaration.declarations.flatMap(({ id }) =>
      id.type === 'Identifier' ? [{ name: id.name, isType: false }] : [],
    );
  }
  const { id } = declaration;
  return id !== null && id.type === 'Identifier' ? [{ name: id.name, isType }] : [];
}

/** Functions of too many lines; one within another is a part of that one. */
function longFunctionsOf(program: ESTree.Program, text: string): readonly LongFunction[] {
  const found: LongFunction[] = [];
  const statements = new Set<ESTree.Node>(program.body);
  let holder: ESTree.Node = program;
  visit(program, (node) => {
    if (statements.has(node) || MEMBERS.has(node.type)) holder = node;
    if (!FUNCTIONS.has(node.type)) return true;
    const line = lineAt(text, node.start);
    const lines = lineAt(text, node.end) - line + 1;
    if (lines <= MAX_FUNCTION_LINES) return true;
    found.push({ line, lines, doc: commentBefore(text, holder.start) });
    return false;
  });
  return found;
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);
/** Members that a docstring stands before, besides the statements of a file. */
const MEMBERS: ReadonlySet<string> = new Set(['MethodDefinition', 'PropertyDefinition']);

function commentBefore(text: string, start: number): string {
  const before = text.slice(0, start).trimEnd();
  return before.endsWith('*/') ? before.slice(before.lastIndexOf('/**')) : '';
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Calls `enter` for a node and, where it says so, for all below it; outer nodes first. */
function visit(node: ESTree.Node, enter: (node: ESTree.Node) => boolean): void {
  if (!enter(node)) return;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, enter);
  }
}

function isNode(value: unknown): value is ESTree.Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
