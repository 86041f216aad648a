import type { Skip } from '../../domain/site.ts';
import type { FormatExtractor } from '../format.ts';
import { type CodeBlock, walkBlocks } from '../readers/code-blocks.ts';
import { type CodeToken, readCode } from '../readers/code-tokens.ts';
import { isMark, stringAt, wordAt } from '../readers/code-walk.ts';
import { concat, type MappedText, unmapped } from '../readers/mapped-text.ts';
import { readShell } from '../readers/shell-words.ts';
import { readYaml } from '../readers/yaml.ts';
import { CodeValues, codeText } from './common/code-values.ts';
import { SiteCollector } from './common/collector.ts';
import { addCommands, addScript } from './common/docker-commands.ts';
import { addManifestImages } from './common/manifest-images.ts';
import { looksTagged } from './common/names.ts';
import { addLooseWords, noteOutputs, scriptVariable } from './common/script-images.ts';

const AGENTS: ReadonlySet<string> = new Set(['docker', 'dockerContainer', 'podman']);
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'script']);
const HUB =
  /^https?:\/\/(?:index\.docker\.io|registry\.hub\.docker\.com|registry-1\.docker\.io|docker\.io)(?:\/|$)/;
const ELSEWHERE: Skip = {
  reason: 'unsupported-spelling',
  detail: 'the registry is separate from the name: write it in front of the name to have it followed',
};

/**
 * Jenkinsfiles, declarative and scripted: `agent { docker … }`, `docker.image(…)`, container templates, pod templates in
 * YAML, build arguments of `docker.build` and `dockerfile` agents, and what `sh` steps say.
 */
export const jenkinsfile: FormatExtractor<'jenkinsfile'> = {
  format: 'jenkinsfile',
  docs: {
    files: '`Jenkinsfile*`, `*.jenkinsfile`, Groovy files under `vars/` and `jenkins/`',
    finds:
      '`agent { docker }`, `docker.image()`, container templates, pods in YAML; build arguments of `docker.build`, `dockerfile` agents and `sh` steps',
  },
  matchesPath: (path) =>
    /(?:^|[/.])[Jj]enkinsfile(?:[.\-_][^/]*)?$|(?:^|\/)(?:vars|jenkins|\.jenkins|ci)\/(?:.*\/)?[^/]+\.groovy$/.test(
      path,
    ),
  mayHold: (text) => /docker|image|sha256:|--build-arg/i.test(text),
  extract: (file) => {
    const collector = new SiteCollector(file, 'jenkinsfile');
    new Pipeline(collector, readCode(file.text, { comments: 'slashes', interpolation: '"' })).read();
    return collector.result();
  },
};

class Pipeline {
  readonly #collector: SiteCollector;
  readonly #tokens: readonly CodeToken[];
  readonly #values: CodeValues;
  readonly #outputs = new Set<string>();
  /** Settings of the block that begins at a token: whether a registry of its own stands in it. */
  readonly #elsewhere = new Set<number>();

  constructor(collector: SiteCollector, tokens: readonly CodeToken[]) {
    this.#collector = collector;
    this.#tokens = tokens;
    this.#values = new CodeValues(tokens);
  }

  read(): void {
    const tokens = this.#tokens;
    walkBlocks(tokens, (i, open) => this.#note(i, open));
    walkBlocks(
      tokens,
      (i, open) => this.#step(i, open),
      (block) => {
        if (block.name === 'dockerfile') this.#dockerfile(block);
      },
    );
    for (const [name, token] of this.#values.strings) {
      scriptVariable(this.#collector, { name, value: codeText(token) }, this.#outputs, this.#values.scope);
    }
  }

  /** What must be known before images are taken: registries that stand apart, and names that are built. */
  #note(i: number, open: readonly CodeBlock[]): void {
    const word = wordAt(this.#tokens, i);
    const block = open.at(-1);
    if (word === 'registryUrl' && block !== undefined) {
      if (!HUB.test(this.#values.textAt(this.#valueAt(i))?.value ?? '')) this.#elsewhere.add(block.from);
    } else if (word === 'withRegistry') {
      const brace = this.#braceAfter(i);
      if (!HUB.test(this.#values.textAt(i + 2)?.value ?? '')) this.#elsewhere.add(brace);
    } else if (word === 'build' && this.#isDocker(i)) {
      const name = this.#values.nameAt(i + 2);
      if (name !== null) this.#outputs.add(name);
    } else if (word !== undefined && SHELLS.has(word)) {
      const script = this.#scriptAt(i);
      if (script !== undefined) noteOutputs(readShell(script, this.#collector.budget), this.#outputs);
    }
  }

  #step(i: number, open: readonly CodeBlock[]): void {
    const tokens = this.#tokens;
    const word = wordAt(tokens, i);
    if (word === undefined) return;
    const inAgent = AGENTS.has(open.at(-1)?.name ?? '');
    const skip = open.some((block) => this.#elsewhere.has(block.from)) ? ELSEWHERE : undefined;
    const use = skip === undefined ? { kind: 'image' as const } : { kind: 'image' as const, skip };
    if (AGENTS.has(word) && stringAt(tokens, i + 1) !== undefined) this.#image(i + 1, use);
    else if (word === 'image' && this.#isDocker(i) && isMark(tokens, i + 1, '(')) this.#image(i + 2, use);
    else if (word === 'image' && inAgent && !isMark(tokens, i - 1, '.')) this.#image(this.#valueAt(i), use);
    else if (word === 'image' && isMark(tokens, i + 1, ':') && this.#isTagged(i + 2)) this.#image(i + 2, use);
    else if (word === 'build' && this.#isDocker(i)) this.#build(i);
    else if (word === 'yaml') this.#manifest(this.#valueAt(i));
    else if (SHELLS.has(word)) this.#script(i);
  }

  /** An image whose name has its host in it is not changed by a registry that stands apart. */
  #image(at: number, use: { readonly kind: 'image'; readonly skip?: Skip }): void {
    const host = /^[^/]*[.:][^/]*\//.test(this.#values.textAt(at)?.value ?? '');
    this.#values.image(this.#collector, at, host ? { kind: use.kind } : use);
  }

  /** `containerTemplate(image: 'maven:3')`; a map's `image` may be a picture elsewhere. */
  #isTagged(at: number): boolean {
    const text = this.#values.textAt(at);
    return text !== undefined && looksTagged(text.value);
  }

  /** `docker.build('name', '--build-arg … -f … folder')`. */
  #build(i: number): void {
    const token = this.#tokens[i];
    const options = isMark(this.#tokens, i + 3, ',') ? this.#values.textAt(i + 4) : undefined;
    if (token === undefined || options === undefined) return;
    const command = concat([unmapped('docker build '), options]);
    addScript(this.#collector, command, { folder: '', scope: this.#values.scope, at: token.start });
  }

  /** `agent { dockerfile { filename …; dir …; additionalBuildArgs … } }`. */
  #dockerfile(block: CodeBlock): void {
    const found = new Map<string, MappedText>();
    for (let i = block.from; i < block.to; i++) {
      const word = wordAt(this.#tokens, i);
      const value = word === undefined ? undefined : this.#values.textAt(this.#valueAt(i));
      if (word !== undefined && value !== undefined && !found.has(word)) found.set(word, value);
    }
    const args = found.get('additionalBuildArgs');
    if (args === undefined) return;
    const dir = found.get('dir')?.value ?? '.';
    const file = `${dir}/${found.get('filename')?.value ?? 'Dockerfile'}`;
    const quoted = [file, dir].map((path) => `'${path.replaceAll("'", '')}'`);
    const command = concat([unmapped(`docker build -f ${quoted[0]} `), args, unmapped(` ${quoted[1]}`)]);
    const at = this.#tokens[block.from]?.start ?? 0;
    addScript(this.#collector, command, { folder: '', scope: this.#values.scope, at });
  }

  #script(i: number): void {
    const script = this.#scriptAt(i);
    const at = this.#tokens[i]?.start ?? 0;
    if (script === undefined) return;
    const commands = readShell(script, this.#collector.budget);
    addCommands(this.#collector, commands, { folder: '', scope: this.#values.scope, at });
    addLooseWords(this.#collector, commands, this.#values.scope, at);
  }

  /** `sh 'x'`, `sh('x')`, `sh(script: 'x')`. */
  #scriptAt(i: number): MappedText | undefined {
    const named = wordAt(this.#tokens, i) === 'script';
    if (named !== isMark(this.#tokens, i + 1, ':')) return undefined;
    const at = named ? i + 2 : this.#valueAt(i);
    const token = stringAt(this.#tokens, at);
    return token === undefined ? undefined : codeText(token);
  }

  /** A pod template; one that Groovy fills in is read as far as it is YAML. */
  #manifest(at: number): void {
    const token = stringAt(this.#tokens, at);
    if (token === undefined) return;
    const { text } = token.node;
    const [segment] = text.segments;
    if (segment === undefined || segment.length !== text.value.length) return;
    for (const document of readYaml(text.value, this.#collector.budget, segment.start).documents) {
      if (document.kind === 'map') addManifestImages(this.#collector, document);
    }
  }

  #isDocker(i: number): boolean {
    return isMark(this.#tokens, i - 1, '.') && wordAt(this.#tokens, i - 2) === 'docker';
  }

  /** Where the value of a setting stands: behind its name, `=`, `:` or `(`. */
  #valueAt(i: number): number {
    const next = this.#tokens[i + 1];
    return next?.kind === 'mark' && '=:('.includes(next.text) ? i + 2 : i + 1;
  }

  /** The `{` behind a call, or -1. */
  #braceAfter(i: number): number {
    for (let at = i; at < i + 12; at++) if (isMark(this.#tokens, at, '{')) return at;
    return -1;
  }
}
