/** A piece of a text that is not itself: [from, to) of it. */
export type Reference =
  | {
      readonly kind: 'variable';
      readonly from: number;
      readonly to: number;
      readonly name: string;
      /** What stands behind the name, as in the shell's `${NAME:-word}`: the operator, and where the word stands. */
      readonly otherwise: { readonly operator: string; readonly from: number; readonly to: number } | null;
    }
  /** An escape: [textFrom, to) stands for itself. */
  | { readonly kind: 'literal'; readonly from: number; readonly to: number; readonly textFrom: number }
  /** What begins like a reference, and is none that is known here. */
  | { readonly kind: 'unknown'; readonly from: number; readonly to: number };

/** How variables are written somewhere, and what becomes of a text with one that nothing answers. */
export type Dialect = {
  /** The first reference at or after an offset; null where there is none. Linear in the text, all calls together. */
  find(value: string, from: number): Reference | null;
  /** `fails`: the text cannot be read. `stays`: the reference is left in it as written. */
  readonly unanswered: 'fails' | 'stays';
};

/**
 * `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME-word}`, `${NAME:=word}`, `${NAME:+word}`, `${NAME:?word}`, and `$$` for a dollar
 * sign: Compose, GitLab, Cloud Build, shells, and what other readers write in the shell's words (make, Groovy).
 */
export const SHELL: Dialect = { find: findInShell, unanswered: 'fails' };

/** GitHub's, Gitea's and Forgejo's `${{ expression }}`. */
export const GITHUB: Dialect = between('${{', '}}');

/** CircleCI's `<< parameters.x >>`. */
export const CIRCLECI: Dialect = between('<<', '>>');

/** GitLab's `$[[ inputs.x ]]`; functions behind a `|` are not applied. */
export const GITLAB_INPUTS: Dialect = between('$[[', ']]', (text) => (text.split('|')[0] ?? '').trim());

/** Azure's `$(x)`, `$[ variables['x'] ]`, `${{ variables.x }}` and `${{ parameters.x }}`. */
export const AZURE: Dialect = matching(
  /^(?:\$\(([\w.-]+)\)|\$(?:\[|\{\{)\s*(?:variables|parameters)(?:\.([\w-]+)|\['([\w.-]+)'\])\s*(?:\]|\}\}))/,
);

/** Tekton's `$(params.x)`, in old tasks `$(inputs.params.x)`. */
export const TEKTON: Dialect = matching(/^\$\((?:inputs\.)?params\.([\w-]+)\)/);

/** Terraform's, Nomad's and Packer's `${var.x}` and `${local.x}`; the name has its area in front. */
export const TERRAFORM: Dialect = matching(/^\$\{((?:var|local)\.[A-Za-z_][\w-]{0,100})\}/);

/** Bake's `${x}` and, of a matrix, `${item.x}`. */
export const BAKE: Dialect = matching(/^\$\{([A-Za-z_][\w.-]{0,100})\}/);

/** Maven's `${x}`. */
export const MAVEN: Dialect = matching(/^\$\{([^${}]{1,200})\}/);

/** Longer than any reference that {@link matching} looks for. */
const REFERENCE_LIMIT = 256;

/** References that a pattern finds at a `$`; its group that took part is the name. `$${` is HCL's escape of `${`. */
function matching(pattern: RegExp): Dialect {
  const find = (value: string, from: number): Reference | null => {
    for (let at = value.indexOf('$', from); at >= 0; at = value.indexOf('$', at + 1)) {
      if (value[at - 1] === '$' && value[at + 1] === '{') continue;
      const match = pattern.exec(value.slice(at, at + REFERENCE_LIMIT));
      if (match === null) continue;
      const [whole, ...groups] = match;
      const name = groups.find((group) => group !== undefined) ?? '';
      return { kind: 'variable', from: at, to: at + whole.length, name, otherwise: null };
    }
    return null;
  };
  return { find, unanswered: 'stays' };
}

/** References between marks; what stands between them, trimmed, is the name. */
function between(open: string, close: string, nameOf = (text: string): string => text.trim()): Dialect {
  const find = (value: string, from: number): Reference | null => {
    const at = value.indexOf(open, from);
    const end = at < 0 ? -1 : value.indexOf(close, at);
    if (end < 0) return null;
    const name = nameOf(value.slice(at + open.length, end));
    return { kind: 'variable', from: at, to: end + close.length, name, otherwise: null };
  };
  return { find, unanswered: 'stays' };
}

function findInShell(value: string, start: number): Reference | null {
  const dollar = value.indexOf('$', start);
  if (dollar < 0) return null;
  const isBraced = value[dollar + 1] === '{';
  const from = dollar + (isBraced ? 2 : 1);
  if (value[from] === '$' && !isBraced)
    return { kind: 'literal', from: dollar, to: from + 1, textFrom: from };
  const nameEnd = endOfName(value, from);
  const end = isBraced ? endOfBraces(value, from) : nameEnd;
  const name = value.slice(from, nameEnd);
  if (name === '' || end < 0) return { kind: 'unknown', from: dollar, to: value.length };
  if (nameEnd === (isBraced ? end - 1 : end))
    return { kind: 'variable', from: dollar, to: end, name, otherwise: null };
  const operator = /^:?[-+?=]/.exec(value.slice(nameEnd, nameEnd + 2))?.[0];
  if (operator === undefined) return { kind: 'unknown', from: dollar, to: end };
  const word = nameEnd + operator.length;
  const otherwise = { operator, from: word, to: Math.max(end - 1, word) };
  return { kind: 'variable', from: dollar, to: end, name, otherwise };
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
