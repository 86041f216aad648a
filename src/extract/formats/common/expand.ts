import { concat, type MappedText, part } from '../../readers/mapped-text.ts';

/** The variables a text is read with: the value of a name, or undefined where this file does not say. */
export type Scope = (name: string) => MappedText | undefined;

/** What became of a text with variables. */
export type Expanded =
  | { readonly ok: true; readonly text: MappedText; readonly variable: string | null }
  | { readonly ok: false; readonly missing: string };

const DEPTH_LIMIT = 12;
/** Longer than any reference; what grows past it is a bomb. */
const LENGTH_LIMIT = 4096;

/**
 * Replaces `$NAME`, `${NAME}` and the shell's `${NAME:-word}`, `${NAME-word}`, `${NAME:=word}`, `${NAME:+word}`, `${NAME:?word}`
 * (as Compose, GitLab and shells read them) by their values; `$$` is a dollar sign. Every character of the result keeps
 * its place, be it in a variable's value or in a default. `variable` is the name where the text is one variable whole.
 * A name without value and default, or an expansion this does not know, is `missing`.
 */
export function expandVariables(text: MappedText, scope: Scope): Expanded {
  return new Expander(scope).expand(text, 0);
}

class Expander {
  readonly #scope: Scope;
  #steps = 0;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  expand(text: MappedText, depth: number): Expanded {
    const { value } = text;
    if (!value.includes('$')) return { ok: true, text, variable: null };
    if (value.length > LENGTH_LIMIT || depth > DEPTH_LIMIT) return { ok: false, missing: value.slice(0, 80) };
    const pieces: MappedText[] = [];
    let variable: string | null = null;
    let at = 0;
    let length = 0;
    for (let dollar = value.indexOf('$'); dollar >= 0; dollar = value.indexOf('$', at)) {
      if (dollar > at) pieces.push(part(text, at, dollar));
      const one = this.#variable(text, dollar, depth);
      if (one.missing !== null) return { ok: false, missing: one.missing };
      pieces.push(one.text);
      length += one.text.value.length;
      if (++this.#steps > LENGTH_LIMIT || length > LENGTH_LIMIT)
        return { ok: false, missing: value.slice(0, 80) };
      at = one.end;
      if (dollar === 0 && one.end === value.length) variable = one.name;
    }
    if (at < value.length) pieces.push(part(text, at, value.length));
    return { ok: true, text: concat(pieces), variable };
  }

  #variable(
    text: MappedText,
    dollar: number,
    depth: number,
  ): { text: MappedText; name: string; end: number; missing: null } | { missing: string } {
    const { value } = text;
    const braced = value[dollar + 1] === '{';
    const from = dollar + (braced ? 2 : 1);
    if (value[from] === '$' && !braced)
      return { text: part(text, from, from + 1), name: '', end: from + 1, missing: null };
    const nameEnd = endOfName(value, from);
    const name = value.slice(from, nameEnd);
    if (name === '') return { missing: value.slice(dollar, dollar + 80) };
    const end = braced ? endOfBraces(value, from) : nameEnd;
    if (end < 0) return { missing: value.slice(dollar, dollar + 80) };
    const known = this.#scope(name);
    const operator = /^:?[-+?=]/.exec(value.slice(nameEnd, nameEnd + 2))?.[0] ?? '';
    const word = part(text, nameEnd + operator.length, Math.max(end - 1, nameEnd + operator.length));
    if (braced && operator === '' && nameEnd !== end - 1) return { missing: value.slice(dollar, end) };
    const isSet = known !== undefined && !(operator.startsWith(':') && known.value === '');
    const chosen = operator.endsWith('+')
      ? isSet
        ? word
        : undefined
      : isSet
        ? known
        : operator.endsWith('-') || operator.endsWith('=')
          ? word
          : undefined;
    if (chosen === undefined) return { missing: name };
    const inner = this.expand(chosen, depth + 1);
    return inner.ok ? { text: inner.text, name, end, missing: null } : { missing: inner.missing };
  }
}

function endOfName(value: string, from: number): number {
  let at = from;
  while (at < value.length && isNameCharacter(value.charCodeAt(at), at === from)) at++;
  return at;
}

function isNameCharacter(c: number, first: boolean): boolean {
  return (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || (!first && c >= 48 && c <= 57);
}

/** The offset after the `}` that closes the braces open before `from`, or -1. */
function endOfBraces(value: string, from: number): number {
  let depth = 1;
  for (let at = from; at < value.length; at++) {
    if (value[at] === '{' && value[at - 1] === '$') depth++;
    else if (value[at] === '}' && --depth === 0) return at + 1;
  }
  return -1;
}
