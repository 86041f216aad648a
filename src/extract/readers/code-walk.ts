import type { CodeToken } from './code-tokens.ts';
import type { TextNode } from './node.ts';

export type StringToken = Extract<CodeToken, { kind: 'string' }>;

/** A call `name(…)` or `a.b.name(…)`, with its arguments by name: those that are one string or one name. */
export type CodeCall = {
  readonly name: string;
  readonly start: number;
  readonly args: ReadonlyMap<string, StringToken | { readonly kind: 'word'; readonly text: string }>;
};

/** The token at `i`, or undefined where it is none of that kind. */
export function wordAt(tokens: readonly CodeToken[], i: number): string | undefined {
  const token = tokens[i];
  return token?.kind === 'word' ? token.text : undefined;
}

/** Whether the token at `i` is this one character. */
export function isMark(tokens: readonly CodeToken[], i: number, text: string): boolean {
  const token = tokens[i];
  return token?.kind === 'mark' && token.text === text;
}

/** The string at `i`, or undefined. */
export function stringAt(tokens: readonly CodeToken[], i: number): StringToken | undefined {
  const token = tokens[i];
  return token?.kind === 'string' ? token : undefined;
}

/** Strings and names that are given to a name: `NAME = "text"`, in the order of the file; the last one counts. */
export function assignedStrings(tokens: readonly CodeToken[]): ReadonlyMap<string, StringToken> {
  const found = new Map<string, StringToken>();
  for (let i = 0; i < tokens.length; i++) {
    const name = wordAt(tokens, i);
    const value = stringAt(tokens, i + 2);
    if (name !== undefined && value !== undefined && isMark(tokens, i + 1, '=') && endsValue(tokens, i + 3))
      found.set(name, value);
  }
  return found;
}

/** Whether nothing more follows a value: the end of the line, a comma or a closing bracket. */
function endsValue(tokens: readonly CodeToken[], i: number): boolean {
  const token = tokens[i];
  if (token === undefined || token.kind === 'line') return true;
  return token.kind === 'mark' && ',)]};'.includes(token.text);
}

/** The calls of a file with named arguments: `oci.pull(name = "a", image = B)`. Nested calls are calls of their own. */
export function namedCalls(tokens: readonly CodeToken[]): readonly CodeCall[] {
  type Open = {
    call: { name: string; start: number } | null;
    args: Map<string, StringToken | { kind: 'word'; text: string }>;
  };
  const calls: CodeCall[] = [];
  const open: Open[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token?.kind !== 'mark') continue;
    if ('([{'.includes(token.text)) {
      const name = token.text === '(' ? dottedName(tokens, i - 1) : null;
      open.push({ call: name === null ? null : { name, start: tokens[i - 1]?.start ?? 0 }, args: new Map() });
    } else if (')]}'.includes(token.text)) {
      const { call, args } = open.pop() ?? { call: null, args: new Map() };
      if (call !== null) calls.push({ ...call, args });
    } else if (token.text === '=' && open.length > 0) {
      const name = wordAt(tokens, i - 1);
      const value = tokens[nextOnLine(tokens, i + 1)];
      if (name === undefined || value === undefined || (value.kind !== 'string' && value.kind !== 'word'))
        continue;
      if (endsValue(tokens, nextOnLine(tokens, i + 1) + 1)) open.at(-1)?.args.set(name, value);
    }
  }
  return calls;
}

function nextOnLine(tokens: readonly CodeToken[], i: number): number {
  return tokens[i]?.kind === 'line' ? i + 1 : i;
}

/** The name that ends at `i`, with up to three dotted parts. */
function dottedName(tokens: readonly CodeToken[], i: number): string | null {
  const parts: string[] = [];
  for (let at = i; parts.length < 3; at -= 2) {
    const word = wordAt(tokens, at);
    if (word === undefined) break;
    parts.unshift(word);
    if (!isMark(tokens, at - 1, '.')) break;
  }
  return parts.length === 0 ? null : parts.join('.');
}

/** A string, or the one a name was given in the same file. */
export function resolved(
  value: StringToken | { readonly kind: 'word'; readonly text: string } | undefined,
  strings: ReadonlyMap<string, StringToken>,
): TextNode | undefined {
  if (value === undefined) return undefined;
  return value.kind === 'string' ? value.node : strings.get(value.text)?.node;
}
