import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

type Import = { readonly from: string; readonly to: string; readonly typeOnly: boolean };

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .map((path) => path.replaceAll('\\', '/'));

const imports: readonly Import[] = files.flatMap((from) => {
  const text = readFileSync(join(source, from), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s+)?[^;]*?from\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...found].map((match) => {
    const specifier = match[2] ?? match[3] ?? '';
    const to = specifier.startsWith('.') ? posix.join(dirname(from), specifier) : specifier;
    return { from, to, typeOnly: match[1] !== undefined };
  });
});

const stageOf = (path: string) => path.split('/')[0] ?? '';

/** What each pure stage may import, besides itself: stages before it in the pipeline, never one behind it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  discover: ['domain', 'extract'],
  extract: ['domain', 'config'],
  resolve: ['domain'],
  assess: ['domain', 'resolve'],
  policy: ['domain', 'resolve', 'assess', 'config', 'report'],
  plan: ['domain', 'extract', 'resolve', 'assess', 'policy', 'report', 'config'],
  report: ['domain'],
  schedule: ['domain', 'config'],
};

describe('the house', () => {
  it.each(['domain', 'extract', 'policy', 'plan', 'report'])('%s does no I/O', (stage) => {
    const outside = imports.filter(
      ({ from, to, typeOnly }) =>
        stageOf(from) === stage &&
        !typeOnly &&
        (to.startsWith('node:') || to.startsWith('adapters/') || to === 'undici'),
    );
    expect(outside).toEqual([]);
  });

  it.each(Object.keys(MAY_IMPORT))('%s imports no stage behind it', (stage) => {
    const allowed = new Set([stage, ...(MAY_IMPORT[stage] ?? [])]);
    const backwards = imports.filter(
      ({ from, to, typeOnly }) =>
        stageOf(from) === stage && to.endsWith('.ts') && !typeOnly && !allowed.has(stageOf(to)),
    );
    expect(backwards).toEqual([]);
  });

  it('keeps the configuration free of the policy that reads it, types included', () => {
    const backwards = imports.filter(
      ({ from, to }) => stageOf(from) === 'config' && stageOf(to) === 'policy',
    );
    expect(backwards).toEqual([]);
  });

  it.each([
    ['assess', 'report'],
    ['config', 'schedule'],
    ['app', 'schedule'],
    ['adapters', 'cli'],
    ['adapters', 'schedule'],
  ])('%s and %s know each other in one direction at most', (one, other) => {
    const between = (a: string, b: string) =>
      imports.filter(({ from, to }) => stageOf(from) === a && stageOf(to) === b && to.endsWith('.ts'));
    const [there, back] = [between(one, other), between(other, one)];
    expect(there.length > 0 ? back : []).toEqual([]);
  });

  it('has only files that are imported', () => {
    const known = new Set(['main.ts', ...imports.map(({ to }) => to)]);
    expect(files.filter((file) => !known.has(file))).toEqual([]);
  });

  it('imports only files that exist', () => {
    const existing = new Set(files);
    const broken = imports.filter(({ to }) => to.endsWith('.ts') && !existing.has(to));
    expect(broken).toEqual([]);
    expect(relative(root, source)).toBe('src');
  });
});

/** The way to a forge: what each folder may import, types included. Whoever stands further right knows the ones before. */
const TOWARDS_THE_FORGE: Readonly<Record<string, readonly string[]>> = {
  forge: ['discover', 'domain'],
  checks: ['forge'],
  'pull-requests': ['checks', 'forge'],
  issues: ['pull-requests', 'forge'],
  comments: ['pull-requests', 'forge'],
  app: ['comments', 'issues', 'pull-requests', 'checks', 'forge', 'schedule', 'adapters'],
};
const PIPELINE = [
  'domain',
  'discover',
  'extract',
  'resolve',
  'assess',
  'policy',
  'plan',
  'report',
  'config',
  'pass',
  'version.ts',
];
/** Where the parts are put together: the only files of `app/` that know an adapter. */
const COMPOSE = ['app/runtime.ts', 'app/server.ts', 'app/open-facts.ts'];
/** Where GitHub is spoken to or of: its adapter, its webhooks, and what composes and sets them up. */
const KNOWS_GITHUB =
  /^(?:adapters\/github\/|app\/webhooks\/|app\/runtime\.ts|app\/server\.ts|cli\/(?:cron|serve|setup)\.ts)/;

describe('the way to a forge', () => {
  it.each(Object.keys(TOWARDS_THE_FORGE))('%s knows only what lies before it', (folder) => {
    const before = TOWARDS_THE_FORGE[folder] ?? [];
    const allowed = new Set([folder, ...before, ...(folder === 'forge' ? [] : PIPELINE)]);
    const others = imports.filter(
      ({ from, to }) => stageOf(from) === folder && to.endsWith('.ts') && !allowed.has(stageOf(to)),
    );
    expect(others).toEqual([]);
  });

  it('meets adapters in the files that compose them alone', () => {
    const others = imports.filter(
      ({ from, to }) => from.startsWith('app/') && to.startsWith('adapters/') && !COMPOSE.includes(from),
    );
    expect(others).toEqual([]);
  });

  it('leads through the port: nobody else talks to GitHub', () => {
    const others = imports.filter(
      ({ from, to }) => !KNOWS_GITHUB.test(from) && /^(?:adapters\/github\/|@octokit\/|probot$)/.test(to),
    );
    expect(others).toEqual([]);
  });

  it.each(Object.keys(TOWARDS_THE_FORGE))('%s names no forge', (folder) => {
    const words = /git\s?hub|octokit|web-flow|gh-readonly|\/blob\/|\/raw\//i;
    const named = files
      .filter((file) => stageOf(file) === folder && !KNOWS_GITHUB.test(file))
      .flatMap((file) => {
        const lines = readFileSync(join(source, file), 'utf8').split('\n');
        return lines.flatMap((line, i) => (words.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : []));
      });
    expect(named).toEqual([]);
  });
});
