import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesOf, type Import, MAX_FUNCTION_LINES, type SourceFile } from './support/source-tree.ts';

const files = filesOf('src');
const others = ['scripts', 'bench', 'demo', 'test'].flatMap(filesOf);
const byPath = new Map(files.map((file) => [file.path, file]));
/** Between files of `src`. */
const imports = files.flatMap((file) => file.imports).filter(({ to }) => byPath.has(to));

/** The folder of `src` a file is in, or the file itself where it is in none. */
const folderOf = (path: string) => path.split('/')[1] ?? '';
const say = ({ from, to }: Import) => `${from} → ${to}`;

/**
 * What each folder of `src` may import besides itself, types included. In the order of the data: whoever stands further
 * down knows only folders above, so that no two know each other. Nothing is listed that is not needed.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  'version.ts': [],
  config: ['domain'],
  extract: ['domain'],
  discover: ['domain', 'extract'],
  resolve: ['domain'],
  report: [],
  assess: ['domain', 'resolve'],
  policy: ['domain', 'config', 'resolve', 'report', 'assess'],
  plan: ['domain', 'extract', 'discover', 'resolve', 'report', 'assess', 'policy'],
  pass: ['domain', 'config', 'extract', 'discover', 'resolve', 'assess', 'policy', 'plan'],
  forge: ['domain', 'discover'],
  checks: ['domain', 'config', 'discover', 'report', 'policy', 'plan', 'pass', 'forge'],
  'pull-requests': [
    'domain',
    'version.ts',
    'config',
    'discover',
    'resolve',
    'report',
    'assess',
    'policy',
    'plan',
    'pass',
    'forge',
    'checks',
  ],
  issues: ['domain', 'report', 'policy', 'plan', 'pass', 'forge', 'pull-requests'],
  comments: ['domain', 'config', 'discover', 'report', 'plan', 'pass', 'forge', 'pull-requests'],
  schedule: ['domain', 'config'],
  queue: ['domain', 'schedule'],
  adapters: ['domain', 'config', 'discover', 'resolve', 'assess', 'forge', 'queue'],
  app: [
    'domain',
    'config',
    'extract',
    'discover',
    'resolve',
    'report',
    'assess',
    'policy',
    'plan',
    'pass',
    'forge',
    'checks',
    'pull-requests',
    'issues',
    'comments',
    'schedule',
    'queue',
    'adapters',
  ],
  cli: [
    'domain',
    'version.ts',
    'config',
    'discover',
    'resolve',
    'assess',
    'policy',
    'plan',
    'pass',
    'forge',
    'queue',
    'adapters',
    'app',
  ],
  'main.ts': ['cli'],
};

const PURE = ['domain', 'extract', 'policy', 'plan', 'report', 'pass'];
/** Where the parts are put together: the only files of `app/` that know an adapter. */
const COMPOSE = ['src/app/runtime.ts', 'src/app/server.ts', 'src/app/open-facts.ts'];
/** Folders that speak of a forge and never of one in particular. */
const FORGE_NEUTRAL = [
  'forge',
  'checks',
  'pull-requests',
  'issues',
  'comments',
  'schedule',
  'queue',
  'pass',
  'app',
];
/** Where GitHub is spoken to or of: its adapter, its webhooks, and what composes and sets them up. */
const KNOWS_GITHUB =
  /^src\/(?:adapters\/github\/|app\/webhooks\/|app\/runtime\.ts|app\/server\.ts|cli\/(?:cron|serve|setup)\.ts)/;

describe('folders', () => {
  it('are all in the table, in an order in which each knows only those above it', () => {
    const order = Object.keys(MAY_IMPORT);
    expect([...new Set(files.map(({ path }) => folderOf(path)))].sort()).toEqual([...order].sort());
    const upwards = order.flatMap((folder, at) =>
      (MAY_IMPORT[folder] ?? [])
        .filter((other) => order.indexOf(other) >= at)
        .map((other) => [folder, other]),
    );
    expect(upwards).toEqual([]);
  });

  it.each(Object.entries(MAY_IMPORT))('%s imports what the table says, types included', (folder, allowed) => {
    const outgoing = imports.filter(({ from, to }) => folderOf(from) === folder && folderOf(to) !== folder);
    expect(outgoing.filter(({ to }) => !allowed.includes(folderOf(to))).map(say)).toEqual([]);
    const needed = new Set(outgoing.map(({ to }) => folderOf(to)));
    expect(allowed.filter((other) => !needed.has(other))).toEqual([]);
  });

  it('within a folder know each other in one direction', () => {
    const parents = new Set(files.flatMap(({ path }) => ancestors(path)));
    const circles = [...parents].flatMap((parent) => {
      const between = new Map<string, Set<string>>();
      for (const { from, to } of imports) {
        const [one, other] = [childOf(parent, from), childOf(parent, to)];
        if (one !== null && other !== null && one !== other) add(between, one, other);
      }
      const circle = circleIn(between);
      return circle === null ? [] : [`${parent}: ${circle.join(' → ')}`];
    });
    expect(circles).toEqual([]);
  });

  it.each(PURE)('%s does no I/O', (folder) => {
    const outside = files
      .filter(({ path }) => folderOf(path) === folder)
      .flatMap((file) => file.imports)
      .filter(({ to, typeOnly }) => !typeOnly && (to.startsWith('node:') || to === 'undici'));
    expect(outside.map(say)).toEqual([]);
  });

  it('of adapters are known in the files that compose them alone', () => {
    const elsewhere = imports.filter(
      ({ from, to }) => folderOf(from) === 'app' && folderOf(to) === 'adapters' && !COMPOSE.includes(from),
    );
    expect(elsewhere.map(say)).toEqual([]);
  });
});

describe('files', () => {
  it('form no circle, types included', () => {
    const graph = new Map<string, Set<string>>();
    for (const { from, to } of imports) add(graph, from, to);
    expect(circleIn(graph)).toBe(null);
  });

  it('are imported, all but the entry', () => {
    const known = new Set(['src/main.ts', ...imports.map(({ to }) => to)]);
    expect([...byPath.keys()].filter((path) => !known.has(path))).toEqual([]);
  });

  it('import only files that exist', () => {
    const broken = files
      .flatMap((file) => file.imports)
      .filter(({ to }) => to.endsWith('.ts') && !to.endsWith('.d.ts') && !byPath.has(to));
    expect(broken.map(say)).toEqual([]);
  });

  it('of more than 300 lines, and functions of more than 60, say why', () => {
    const unexplained = files.flatMap(({ path, text, lines, longFunctions }) => [
      ...(lines > 300 && !text.includes('Long because') ? [`${path}: ${lines} lines`] : []),
      ...longFunctions
        .filter(({ doc }) => !doc.includes('Long because'))
        .map((long) => `${path}:${long.line}: a function of ${long.lines} lines`),
    ]);
    expect(MAX_FUNCTION_LINES).toBe(60);
    expect(unexplained).toEqual([]);
  });
});

describe('exported names', () => {
  const named = files.flatMap((file) => file.exports.map((one) => ({ file, ...one })));

  it('stand for one thing each', () => {
    // A command's file is loaded by its name, and `run` is what the table of commands calls.
    const isCommand = (path: string, name: string) => name === 'run' && folderOf(path) === 'cli';
    const twice = [...Map.groupBy(named, ({ name }) => name)]
      .map(([name, all]) => [name, all.map(({ file }) => file.path)] as const)
      .filter(([name, paths]) => paths.length > 1 && !paths.every((path) => isCommand(path, name)));
    expect(twice).toEqual([]);
  });

  it('are declared where they are exported', () => {
    const handedOn = files.flatMap(({ path, text }) => (/^export (?:type )?[{*]/m.test(text) ? [path] : []));
    expect(handedOn).toEqual([]);
  });

  it('are used: by another file, or by their own where tests or types need them', () => {
    const users = usersByFile([...files, ...others]);
    const unused = named.flatMap(({ file, name, isType }) => {
      const takers = (users.get(file.path) ?? []).filter((user) => user.takes(name));
      if (takers.some(({ path }) => !path.startsWith('test/'))) return [];
      // What is thrown is a part of a signature, whoever catches it.
      if (name.endsWith('Error')) return [];
      const usedInside = (file.text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1;
      if (usedInside && (isType || takers.length > 0)) return [];
      return [`${file.path}: ${name}${usedInside ? ' is used in its own file only' : ' is not used'}`];
    });
    expect(unused).toEqual([]);
  });
});

describe('GitHub', () => {
  it('is spoken to by its adapter alone', () => {
    const elsewhere = files
      .flatMap((file) => file.imports)
      .filter(
        ({ from, to }) =>
          !KNOWS_GITHUB.test(from) && /^(?:src\/adapters\/github\/|@octokit\/|probot$)/.test(to),
      );
    expect(elsewhere.map(say)).toEqual([]);
  });

  it.each(FORGE_NEUTRAL)('is not named in %s', (folder) => {
    const words = /git\s?hub|octokit|web-flow|gh-readonly|\/blob\/|\/raw\//i;
    const lines = files
      .filter(({ path }) => folderOf(path) === folder && !KNOWS_GITHUB.test(path))
      .flatMap(({ path, text }) => text.split('\n').map((line, i) => `${path}:${i + 1}: ${line.trim()}`));
    expect(lines.filter((line) => words.test(line.slice(line.indexOf(': '))))).toEqual([]);
  });
});

type User = { readonly path: string; takes(name: string): boolean };

/** Who imports each file, and which of its names they take. A file loaded as a whole is used by the names that are written. */
function usersByFile(all: readonly SourceFile[]): ReadonlyMap<string, readonly User[]> {
  const users = new Map<string, User[]>();
  for (const { path, text, imports: own } of all) {
    for (const { to, names } of own) {
      const takes = (name: string) => names?.includes(name) ?? new RegExp(`\\b${name}\\b`).test(text);
      users.set(to, [...(users.get(to) ?? []), { path, takes }]);
    }
  }
  return users;
}

function ancestors(path: string): readonly string[] {
  const parent = posix.dirname(path);
  return parent === '.' ? [] : [parent, ...ancestors(parent)];
}

/** The folder right below `parent` that holds a file; null where none does. */
function childOf(parent: string, path: string): string | null {
  if (!path.startsWith(`${parent}/`)) return null;
  const [child, ...rest] = path.slice(parent.length + 1).split('/');
  return child === undefined || rest.length === 0 ? null : child;
}

function add(graph: Map<string, Set<string>>, from: string, to: string): void {
  graph.set(from, (graph.get(from) ?? new Set()).add(to));
}

/** One circle of a graph, its first node again at the end; null where there is none. */
function circleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | null {
  const done = new Set<string>();
  const follow = (node: string, way: readonly string[]): readonly string[] | null => {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of graph.get(node) ?? []) {
      const circle = follow(next, [...way, node]);
      if (circle !== null) return circle;
    }
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const circle = follow(node, []);
    if (circle !== null) return circle;
  }
  return null;
}
