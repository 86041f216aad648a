import { type MappedText, MappedTextBuilder, part, unmapped, verbatim } from './mapped-text.ts';

/** What a Makefile says, in the shell's words: `$(NAME)` is `${NAME}`, `$$` is `$`. */
export type Makefile = {
  readonly variables: readonly MakeVariable[];
  /** One logical line of a recipe each, without its tab and its `@`, `-` and `+`. */
  readonly recipes: readonly MappedText[];
};

export type MakeVariable = {
  readonly name: string;
  readonly operator: '=' | '?=' | '+=';
  readonly value: MappedText;
};

const HEAD_LIMIT = 400;
const ASSIGNMENT =
  /^ *(?:(?:export|override|private) +)*([A-Za-z_][\w.-]{0,100})[ \t]*(\?=|\+=|:{0,3}=)[ \t]*/;
/** `target: NAME = value`; a rule's targets are few and short. */
const FOR_TARGET = /^[^:=#\t]{1,200}:(?![:=])[ \t]*(?:(?:export|override|private) +)*/;

/**
 * Reads the variables and recipes of a Makefile (GNU make), `define` blocks as recipes. Conditions are not decided: what
 * stands in them counts. Pure, linear, never throws.
 */
export function readMakefile(text: string): Makefile {
  const variables: MakeVariable[] = [];
  const recipes: MappedText[] = [];
  let inDefine = false;
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; ) {
    const end = logicalEnd(text, at);
    const isRecipe = text[at] === '\t';
    const head = text.slice(at, Math.min(end, at + HEAD_LIMIT));
    if (/^ *endef\b/.test(head)) inDefine = false;
    else if (/^ *(?:override +|export +)*define\b/.test(head)) inDefine = true;
    else if (isRecipe || inDefine) recipes.push(recipe(text, at, end));
    else {
      const variable = assignment(text, at, end, head);
      if (variable !== null) variables.push(variable);
      else {
        const semicolon = /^[^\t#=]{1,300}?;/.exec(head)?.[0].length;
        if (semicolon !== undefined) recipes.push(recipe(text, at + semicolon, end));
      }
    }
    at = end + 1;
  }
  return { variables, recipes };
}

function assignment(text: string, at: number, end: number, head: string): MakeVariable | null {
  const target = FOR_TARGET.exec(head)?.[0].length ?? 0;
  const match = ASSIGNMENT.exec(head) ?? ASSIGNMENT.exec(head.slice(target));
  if (match === null) return null;
  const [all, name, operator] = match;
  const from = at + (head.startsWith(all) ? 0 : target) + all.length;
  const value = unquoted(inShell(text, from, commentStart(text, from, end)));
  const kept = operator === '?=' || operator === '+=' ? operator : '=';
  return { name: name ?? '', operator: kept, value };
}

/** Make keeps quotes around a value; the shell it goes to takes them off. */
function unquoted(value: MappedText): MappedText {
  const [first, last] = [value.value[0], value.value.at(-1)];
  const isQuoted = value.value.length > 1 && first === last && (first === '"' || first === "'");
  return isQuoted ? part(value, 1, value.value.length - 1) : value;
}

function recipe(text: string, at: number, end: number): MappedText {
  let from = at;
  while (from < end && '\t @-+'.includes(text[from] ?? '')) from++;
  return inShell(text, from, end);
}

/** The offset of the line feed that ends a line and those that carry it on by a backslash, or the end of the text. */
function logicalEnd(text: string, from: number): number {
  for (let at = from; ; ) {
    const end = text.indexOf('\n', at);
    if (end < 0) return text.length;
    let last = text[end - 1] === '\r' ? end - 2 : end - 1;
    let backslashes = 0;
    while (last >= at && text[last--] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end;
    at = end + 1;
  }
}

/** A `#` begins a comment wherever it stands, unless a backslash is before it. */
function commentStart(text: string, from: number, end: number): number {
  for (let at = from; at < end; at++) if (text[at] === '#' && text[at - 1] !== '\\') return at;
  return end;
}

/** Make's text as the shell would write it. Functions such as `$(shell …)` stay, and are no variables to anyone. */
function inShell(text: string, from: number, to: number): MappedText {
  let end = to;
  while (end > from && ' \t\r'.includes(text[end - 1] ?? '')) end--;
  if (from >= end) return unmapped('');
  const value = text.slice(from, end);
  if (!value.includes('$')) return verbatim(value, from);
  const builder = new MappedTextBuilder();
  let copied = from;
  for (
    let at = text.indexOf('$', from);
    at >= 0 && at < end;
    at = text.indexOf('$', Math.max(at + 1, copied))
  ) {
    if (text[at + 1] === '$') {
      builder.copy(text.slice(copied, at), copied);
      builder.copy('$', at + 1);
      copied = at + 2;
    } else if (text[at + 1] === '(') {
      const name = /^[A-Za-z_]\w*\)/.exec(text.slice(at + 2, Math.min(end, at + 104)))?.[0];
      if (name === undefined) continue;
      builder.copy(text.slice(copied, at), copied);
      builder.add('${');
      builder.copy(name.slice(0, -1), at + 2);
      builder.add('}');
      copied = at + 2 + name.length;
    }
  }
  if (copied < end) builder.copy(text.slice(copied, end), copied);
  return builder.build();
}
