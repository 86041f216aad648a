import type { VariableScope } from '../../interpolation/interpolate.ts';
import type { CodeToken } from '../../readers/code-tokens.ts';
import { assignedStrings, isMark, type StringToken, wordAt } from '../../readers/code-walk.ts';
import { concat, type MappedText, part, trimmed } from '../../readers/mapped-text.ts';
import type { SiteCollector } from './collector.ts';
import type { ImageUse } from './image-text.ts';

/** Objects through which Groovy reaches what the environment or the build was given. */
const HOLDERS: ReadonlySet<string> = new Set(['env', 'params', 'project', 'ext', 'rootProject', 'this']);

/** What the strings of a Groovy or Kotlin file say, its own constants followed. */
export class CodeValues {
  readonly strings: ReadonlyMap<string, StringToken>;
  readonly #tokens: readonly CodeToken[];
  readonly scope: VariableScope = (name) => {
    const known = this.strings.get(name);
    return known === undefined ? undefined : codeText(known);
  };

  constructor(tokens: readonly CodeToken[]) {
    this.#tokens = tokens;
    this.strings = assignedStrings(tokens);
  }

  /** The text of the value at `i`: a string, or the string that a name was given here; undefined for others. */
  textAt(i: number): MappedText | undefined {
    const token = this.#tokens[i];
    if (token?.kind === 'string') return codeText(token);
    const name = this.nameAt(i);
    const known = name === null ? undefined : this.strings.get(name);
    return known === undefined ? undefined : codeText(known);
  }

  /** The name of the variable at `i`, `env.` and the like left out; null where there is none. */
  nameAt(i: number): string | null {
    const first = wordAt(this.#tokens, i);
    if (first === undefined || /^\d/.test(first)) return null;
    if (!isMark(this.#tokens, i + 1, '.')) return first;
    return HOLDERS.has(first) ? (wordAt(this.#tokens, i + 2) ?? null) : null;
  }

  /** Takes the value at `i` as an image; a name that nothing here gives a value is skipped with that reason. */
  image(collector: SiteCollector, i: number, use: ImageUse, prefix?: RegExp): void {
    const token = this.#tokens[i];
    if (token === undefined) return;
    const text = this.textAt(i);
    if (text === undefined) {
      const name = this.nameAt(i);
      if (name === null || use.invalid === 'ignore') return;
      const detail = `${name} is not set in this file: pin the image where it is set`;
      collector.skip(name, token.start, 'unresolvable-variable', detail);
      return;
    }
    const whole = trimmed(text);
    const length = prefix?.exec(whole.value)?.[0].length ?? 0;
    const image = part(whole, length, whole.value.length);
    const name = token.kind === 'word' ? this.nameAt(i) : null;
    const isFilled = image.value.includes('$');
    collector.image(
      image,
      { ...use, ...(name === null ? {} : { name }), ...(isFilled ? { scope: this.scope } : {}) },
      token.start,
    );
  }
}

/** The text of a string; `${env.X}` and `${params.X}` in it are `${X}`. */
export function codeText({ node }: StringToken): MappedText {
  const { text } = node;
  const { value } = text;
  if (!value.includes('${')) return text;
  const pieces: MappedText[] = [];
  let from = 0;
  for (let at = value.indexOf('${'); at >= 0; at = value.indexOf('${', at + 2)) {
    const holder = /^[A-Za-z]{1,12}(?=\.\w+\})/.exec(value.slice(at + 2, at + 120))?.[0];
    if (holder === undefined || !HOLDERS.has(holder)) continue;
    pieces.push(part(text, from, at + 2));
    from = at + 2 + holder.length + 1;
  }
  pieces.push(part(text, from, value.length));
  return concat(pieces);
}
