import { folderOf } from '../../domain/path.ts';
import type { FormatExtractor } from '../format.ts';
import type { VariableScope } from '../interpolation/interpolate.ts';
import { type MappedText, MappedTextBuilder, part } from '../readers/mapped-text.ts';
import { readShell, type ShellWord } from '../readers/shell-words.ts';
import { addBuild, type NamedText, splitAssignment } from './common/build-values.ts';
import { SiteCollector } from './common/collector.ts';
import { nameOf, resolvePath } from './common/paths.ts';
import { scriptVariable } from './common/script-images.ts';

const NOTHING_BUILT: ReadonlySet<string> = new Set();
/** Options whose value is the next word. */
const VALUED: ReadonlySet<string> = new Set([
  '--platform',
  '--build-arg',
  '-f',
  '--target',
  '--pull',
  '--load',
  '--compose',
]);

/**
 * Earthfiles: `FROM`, `FROM DOCKERFILE`, `COPY --from`, `ARG` and `LET` that FROM reads, images that `WITH DOCKER` pulls.
 * Targets (`+build`, `./lib+image`) are no images. Spec: docs.earthly.dev/docs/earthfile.
 */
export const earthfile: FormatExtractor<'earthfile'> = {
  format: 'earthfile',
  docs: {
    files: '`Earthfile`',
    finds: '`FROM`, `COPY --from`, `WITH DOCKER --pull`, through `ARG`; build arguments of `FROM DOCKERFILE`',
  },
  matchesPath: (path) => /^(?:.*\.)?Earthfile$|^Earthfile\.[^/]+$/.test(nameOf(path)),
  extract: (file) => {
    const collector = new SiteCollector(file, 'earthfile');
    const reader = new Earthfile(collector);
    for (const { words } of readShell(withoutTrailingBlanks(file.text), collector.budget))
      reader.instruction(words);
    return collector.result();
  },
};

/** The text without a BOM, and without blanks between a backslash and the end of its line: it carries on all the same. */
function withoutTrailingBlanks(text: string): MappedText {
  const builder = new MappedTextBuilder();
  let copied = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (const match of text.matchAll(/\\[ \t]{1,100}(?=\r?\n)/g)) {
    builder.copy(text.slice(copied, match.index + 1), copied);
    copied = match.index + match[0].length;
  }
  builder.copy(text.slice(copied), copied);
  return builder.build();
}

class Earthfile {
  readonly #collector: SiteCollector;
  readonly #globals = new Map<string, MappedText>();
  #locals = new Map<string, MappedText>();
  readonly #scope: VariableScope = (name) => this.#locals.get(name) ?? this.#globals.get(name);

  constructor(collector: SiteCollector) {
    this.#collector = collector;
  }

  instruction(words: readonly ShellWord[]): void {
    const [head, ...rest] = words;
    if (head === undefined) return;
    const name = head.text.value;
    if (/^[A-Za-z][\w.-]*:$/.test(name)) {
      // A target begins; of the variables before it, only global ones are seen in it.
      this.#locals = new Map();
      if (rest.length > 0) this.instruction(rest);
      return;
    }
    switch (name) {
      case 'ARG':
      case 'LET':
      case 'SET':
        this.#variable(rest);
        break;
      case 'FROM':
        this.#from(head, rest);
        break;
      case 'COPY':
        for (const { text } of rest) {
          if (text.value.startsWith('--from=')) this.#image(part(text, 7, text.value.length), 'copy-from');
        }
        break;
      case 'WITH':
        this.#options(rest, '--pull', (text) => this.#image(text, 'image'));
        break;
      case 'DOCKER':
        if (rest[0]?.text.value === 'PULL' && rest[1] !== undefined) this.#image(rest[1].text, 'image');
        break;
      case 'RUN':
        this.#run(rest);
        break;
    }
  }

  #variable(words: readonly ShellWord[]): void {
    const isGlobal = words.some(({ text }) => text.value === '--global');
    const [first, equals, value] = words.filter(({ text }) => !text.value.startsWith('--'));
    if (first === undefined) return;
    const assignment =
      equals?.text.value === '=' && value !== undefined
        ? { name: first.text.value, value: value.text }
        : splitAssignment(first.text);
    if (assignment === null || assignment.value === null) return;
    const { name } = assignment;
    scriptVariable(this.#collector, { name, value: assignment.value }, NOTHING_BUILT, this.#scope);
    (isGlobal ? this.#globals : this.#locals).set(name, assignment.value);
  }

  #from(head: ShellWord, words: readonly ShellWord[]): void {
    const operand = words.find((word, i) => isOperand(words, word, i));
    if (operand === undefined) return;
    if (operand.text.value === 'DOCKERFILE') this.#dockerfile(head, words);
    else this.#image(operand.text, 'from');
  }

  #dockerfile(head: ShellWord, words: readonly ShellWord[]): void {
    const args: NamedText[] = [];
    this.#options(words, '--build-arg', (text) => {
      const assignment = splitAssignment(text);
      if (assignment !== null) args.push(assignment);
    });
    let file: string | null = null;
    let target: string | null = null;
    this.#options(words, '-f', (text) => (file = text.value));
    this.#options(words, '--target', (text) => (target = text.value));
    const operands = words.filter((word, i) => isOperand(words, word, i)).map(({ text }) => text.value);
    const folder = folderOf(this.#collector.path);
    const context =
      operands[1] === undefined || operands[1].includes('+') ? null : resolvePath(folder, operands[1]);
    const isFile = file !== null && !String(file).includes('+');
    addBuild(this.#collector, {
      at: head.text.segments[0]?.start ?? 0,
      dockerfile: isFile ? resolvePath(folder, String(file)) : null,
      context: file === null ? context : null,
      target,
      args,
      scope: this.#scope,
    });
  }

  #run(words: readonly ShellWord[]): void {
    const at = words.findIndex((word, i) => isOperand(words, word, i));
    const [first] = words.slice(Math.max(at, 0));
    if (at < 0 || first === undefined) return;
    for (const { text } of words.slice(0, at)) {
      const from = /^--mount=(?:[^,]*,)*?from=/.exec(text.value)?.[0].length;
      if (from === undefined) continue;
      const comma = text.value.indexOf(',', from);
      this.#image(part(text, from, comma < 0 ? text.value.length : comma), 'mount-from');
    }
  }

  #options(words: readonly ShellWord[], name: string, take: (value: MappedText) => void): void {
    words.forEach(({ text }, i) => {
      const next = words[i + 1]?.text;
      if (text.value.startsWith(`${name}=`)) take(part(text, name.length + 1, text.value.length));
      else if (text.value === name && next !== undefined) take(next);
    });
  }

  #image(text: MappedText, kind: 'from' | 'copy-from' | 'mount-from' | 'image'): void {
    const { value } = text;
    if (value.includes('+') || value === 'scratch' || value === '') return;
    this.#collector.image(text, { kind, scope: this.#scope });
  }
}

function isOperand(words: readonly ShellWord[], word: ShellWord, i: number): boolean {
  return !word.text.value.startsWith('-') && !VALUED.has(words[i - 1]?.text.value ?? '');
}
