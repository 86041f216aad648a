import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkJson } from '../src/cli/check.ts';
import { rotationJson } from '../src/cli/json.ts';
import { checkView } from '../src/pass/check.ts';
import { digestOf, passOver } from './support/fake-pass.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const under = (folder: string, ending: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith(ending));

const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...under('docs', '.md')].sort();
/** Pages that name functions of the code. */
const GUIDES = ['docs/architecture.md', 'docs/extending.md', 'docs/life-of-a-request.md'];

/** The text of a page without what stands in fenced blocks; the lines stay where they are. */
function prose(page: string): string {
  let fence: string | null = null;
  return read(page)
    .split('\n')
    .map((line) => {
      const marks = /^\s*(`{3,}|~{3,})/.exec(line)?.[1] ?? null;
      if (fence === null && marks === null) return line;
      if (fence === null) fence = marks;
      else if (marks?.startsWith(fence)) fence = null;
      return '';
    })
    .join('\n');
}

/** GitHub's anchors of a page's headings: lower case, words joined by hyphens, a number behind repeated ones. */
function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose(page).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Whether a link from a page to a file, a folder or an anchor of this repository leads somewhere. */
function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#', 2);
  const to = path === '' ? page : posix.join(dirname(page), decodeURIComponent(path));
  if (!existsSync(join(root, to))) return false;
  return anchor === undefined || (to.endsWith('.md') && anchorsOf(to).has(anchor));
}

describe('the documentation', () => {
  it.each(PAGES)('%s: every link within the repository leads somewhere', (page) => {
    const text = prose(page).replace(/`[^`\n]*`/g, '');
    const targets = [
      ...[...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target),
      ...[...text.matchAll(/\b(?:src|srcset)="([^"]+)"/g)].map(([, target = '']) => target),
    ].filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
    expect(targets.filter((target) => !leadsSomewhere(page, target))).toEqual([]);
  });

  it.each(PAGES)('%s: every file and folder that it names is there', (page) => {
    const named = [...prose(page).matchAll(/`((?:src|test|docs|scripts|bench|demo|schema)\/[\w./-]*)`/g)].map(
      ([, path = '']) => path,
    );
    const missing = named.filter((path) => {
      const file = join(root, path);
      return !existsSync(file) || (path.endsWith('/') && !statSync(file).isDirectory());
    });
    expect(missing).toEqual([]);
  });

  it('has every page linked from another one', () => {
    const linked = new Set(
      PAGES.flatMap((page) =>
        [...prose(page).matchAll(/\]\(([^()\s#]+)/g)].map(([, to = '']) => posix.join(dirname(page), to)),
      ),
    );
    const decisions = linked.has('docs/adr');
    const lost = PAGES.filter((page) => page.startsWith('docs/') && !linked.has(page)).filter(
      (page) => !(decisions && page.startsWith('docs/adr/')),
    );
    expect(lost).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  it('has a place for every folder of src', () => {
    const page = read('docs/architecture.md');
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `src/${name}/`);
    expect(folders.filter((folder) => !page.includes(folder))).toEqual([]);
  });
});

/** The names that a TypeScript file declares: functions, classes, constants, methods and members of types. */
function declaredIn(text: string): ReadonlySet<string> {
  const names = [
    ...text.matchAll(/\b(?:function|class|const)\s+(\w+)/g),
    ...text.matchAll(/^ {2,}(?:readonly |async |static )*#?(\w+)(?:<[^>\n]*>)?\??(?:\(|:)/gm),
  ];
  return new Set(names.map(([, name = '']) => name));
}

const declared = new Map(
  [...under('src', '.ts'), ...under('test/contract', '.ts')].map((path) => [path, declaredIn(read(path))]),
);

describe.each(GUIDES)('%s', (guide) => {
  const page = prose(guide).replace(/\s+/g, ' ');
  const named = [...new Set([...page.matchAll(/`(\w+)\(\)`/g)].map(([, name = '']) => name))];
  const placed = [...page.matchAll(/`(\w+)\(\)`(?: \(| in | of `\w+` \()`(src\/[\w./-]+\.ts)`/g)].map(
    ([, name = '', file = '']) => ({ name, file }),
  );

  it.each(named)('%s() is declared', (name) => {
    expect([...declared.values()].some((names) => names.has(name))).toBe(true);
  });

  it.each(placed)('$name() is in $file', ({ name, file }) => {
    expect([...(declared.get(file) ?? [])]).toContain(name);
  });
});

/** The fenced JSON of a page that has this key at its top. */
function exampleWith(page: string, key: string): Record<string, readonly Record<string, unknown>[]> {
  const blocks = [...read(page).matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = '']) => JSON.parse(text));
  return blocks.find((block) => key in block);
}

describe('the documents of --json in docs/policy.md', () => {
  const files = new Map([['Dockerfile', `FROM python:3.11@${digestOf('a')}\n`]]);

  it('rotate: a rotation has the keys that are shown', async () => {
    const { plan } = await passOver(files, [{ image: 'python:3.11', to: digestOf('b') }]);
    const [shown] = exampleWith('docs/policy.md', 'rotations')['rotations'] ?? [];
    const [rotation] = plan.rotations;
    if (rotation === undefined) throw new Error('nothing rotates');
    expect(Object.keys(shown ?? {})).toEqual(Object.keys(rotationJson(rotation, null)));
  });

  it('check: the document and a pin have the keys that are shown', async () => {
    const pass = await passOver(files, []);
    const shown = exampleWith('docs/policy.md', 'pins');
    const document = checkJson(checkView(pass, { ledger: false, alive: new Map() }));
    expect(Object.keys(shown)).toEqual(Object.keys(document));
    expect(Object.keys(shown['pins']?.[0] ?? {})).toEqual(Object.keys(document.pins[0] ?? {}));
  });
});
