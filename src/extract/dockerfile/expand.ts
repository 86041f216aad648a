import { type Binding, type Piece, pushLiteral, pushPiece, slicePieces, textOf } from './binding.ts';
import {
  CLOSE_BRACE,
  COLON,
  DOLLAR,
  DOUBLE_QUOTE,
  HASH,
  isDigit,
  isNameChar,
  MINUS,
  OPEN_BRACE,
  PERCENT,
  PLUS,
  QUESTION,
  SINGLE_QUOTE,
  SLASH,
} from './chars.ts';
import type { LogicalLine } from './logical-line.ts';
import { matchLength, parseShellPattern, type ShellPattern } from './shell-pattern.ts';
import type { WorkBudget } from './work-budget.ts';

/** An expanded word: its value with where each character stands, and how it came about. */
export type Expansion = {
  readonly pieces: readonly Piece[];
  readonly value: string;
  /** Whether variables were joined with other text, cut or replaced: the value is not one literal. */
  readonly composed: boolean;
  /** The ARG whose value the word is, whole and unchanged. */
  readonly sole: Binding | null;
  /** ARGs whose values were looked at. */
  readonly reads: readonly Binding[];
  /** The first variable without a value that the word needs; null where all are known. */
  readonly unset: string | null;
};

export type ExpansionFault = {
  /** `variable`: a value cannot be known. `syntax`: BuildKit refuses the word. */
  readonly kind: 'variable' | 'syntax';
  readonly message: string;
};

export type ExpandInput = {
  readonly line: LogicalLine;
  /** The word, [from, to) of the line's text. */
  readonly from: number;
  readonly to: number;
  readonly escapeCode: number;
  readonly owner: Binding | null;
  lookup(name: string): Binding | undefined;
  readonly budget: WorkBudget;
};

export const MAX_VALUE = 8192;
const MAX_DEPTH = 32;
const SPECIAL = '@*#?-$!';

class Refusal extends Error {
  readonly kind: ExpansionFault['kind'];
  constructor(kind: ExpansionFault['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Expands one word as BuildKit's shell lexer does (`frontend/dockerfile/shell/lex.go`, `ProcessWord`): quotes, the
 * escape character, `$x`, `${x}` and the modifiers `:- - :+ + :? ? # ## % %% / //`, nested. Unlike BuildKit, which
 * takes a variable without a value for empty, it says which one the word needs (`unset`). Values are capped at 8192
 * characters and nesting at 32. Never throws for its input.
 */
export function expandWord(input: ExpandInput): Expansion | ExpansionFault {
  try {
    return new Lexer(input).run();
  } catch (error) {
    if (error instanceof Refusal) return { kind: error.kind, message: error.message };
    throw error;
  }
}

/** Whether {@link expandWord} refused. */
export function isFault(result: Expansion | ExpansionFault): result is ExpansionFault {
  return 'kind' in result;
}

class Lexer {
  readonly #in: ExpandInput;
  readonly #text: string;
  readonly #end: number;
  #pos: number;
  #depth = 0;
  #composed = false;
  #returned: Binding | null = null;
  #unset: string | null = null;
  #reads: Binding[] = [];

  constructor(input: ExpandInput) {
    this.#in = input;
    this.#text = input.line.text;
    this.#pos = input.from;
    this.#end = input.to;
  }

  run(): Expansion {
    const pieces = this.#until(-1, false);
    const value = textOf(pieces);
    if (this.#reads.length > 0 && !this.#in.budget.spend(value.length)) this.#tooLong();
    return {
      pieces,
      value,
      composed: this.#composed,
      sole: this.#composed ? null : this.#returned,
      reads: this.#reads,
      unset: this.#unset,
    };
  }

  #peek(): number {
    return this.#pos < this.#end ? this.#text.charCodeAt(this.#pos) : -1;
  }

  /** Reads up to `stop` (-1: the end) and past it. `raw` keeps escape characters, for patterns. */
  #until(stop: number, raw: boolean): Piece[] {
    const { line, escapeCode, owner } = this.#in;
    const pieces: Piece[] = [];
    let literals = 0;
    let variables = 0;
    let runStart = this.#pos;
    let length = 0;
    const flush = (to: number): void => {
      if (to <= runStart) return;
      literals++;
      length += to - runStart;
      pushLiteral(pieces, line, runStart, to, owner);
    };
    for (;;) {
      const c = this.#peek();
      if (c === -1 || c === stop) {
        flush(this.#pos);
        if (c === -1 && stop !== -1) {
          throw new Refusal(
            'syntax',
            `the word ends before the ${quoteChar(stop)} that closes the substitution`,
          );
        }
        if (c !== -1) this.#pos++;
        break;
      }
      if (c === SINGLE_QUOTE || c === DOUBLE_QUOTE || c === DOLLAR) {
        flush(this.#pos);
        const quoted = c === DOUBLE_QUOTE ? this.#doubleQuote(raw) : null;
        const part = c === SINGLE_QUOTE ? this.#singleQuote() : (quoted?.pieces ?? this.#dollar());
        if (c === DOLLAR || quoted?.hasVariable) variables++;
        else if (part.length > 0) literals++;
        for (const piece of part) length += piece.text.length;
        this.#append(pieces, part, length);
        runStart = this.#pos;
        continue;
      }
      if (c === escapeCode) {
        if (!raw) flush(this.#pos);
        this.#pos++;
        if (!raw) runStart = this.#pos;
        // An escape at the end of the word is dropped.
        if (this.#pos < this.#end) this.#pos++;
        continue;
      }
      this.#pos++;
    }
    if (length > MAX_VALUE) this.#tooLong();
    if (variables > 0 && variables + literals > 1) this.#composed = true;
    if (variables === 0) this.#returned = null;
    return pieces;
  }

  #append(pieces: Piece[], part: readonly Piece[], length: number): void {
    if (length > MAX_VALUE || !this.#in.budget.spend(part.length + 1)) this.#tooLong();
    for (const piece of part) pushPiece(pieces, piece);
  }

  #tooLong(): never {
    throw new Refusal('variable', `it expands to more than ${MAX_VALUE} characters, or takes too much work`);
  }

  #singleQuote(): Piece[] {
    const close = this.#text.indexOf("'", this.#pos + 1);
    if (close < 0 || close >= this.#end) throw new Refusal('syntax', 'a single quote is not closed');
    const pieces: Piece[] = [];
    pushLiteral(pieces, this.#in.line, this.#pos + 1, close, this.#in.owner);
    this.#pos = close + 1;
    return pieces;
  }

  #doubleQuote(raw: boolean): { readonly pieces: Piece[]; readonly hasVariable: boolean } {
    const { line, escapeCode, owner } = this.#in;
    const pieces: Piece[] = [];
    let variables = 0;
    let literals = 0;
    let length = 0;
    this.#pos++;
    let runStart = this.#pos;
    const flush = (to: number): void => {
      if (to <= runStart) return;
      literals++;
      length += to - runStart;
      pushLiteral(pieces, line, runStart, to, owner);
    };
    for (;;) {
      const c = this.#peek();
      if (c === -1) throw new Refusal('syntax', 'a double quote is not closed');
      if (c === DOUBLE_QUOTE) {
        flush(this.#pos);
        this.#pos++;
        break;
      }
      if (c === DOLLAR) {
        flush(this.#pos);
        const part = this.#dollar();
        variables++;
        for (const piece of part) length += piece.text.length;
        this.#append(pieces, part, length);
        runStart = this.#pos;
        continue;
      }
      this.#pos++;
      if (c !== escapeCode) continue;
      const next = this.#peek();
      if (next !== DOUBLE_QUOTE && next !== DOLLAR && next !== escapeCode && next !== -1) continue;
      if (!raw) {
        flush(this.#pos - 1);
        runStart = this.#pos;
      }
      if (next !== -1) this.#pos++;
    }
    if (variables > 0 && variables + literals > 1) this.#composed = true;
    return { pieces, hasVariable: variables > 0 };
  }

  #dollar(): Piece[] {
    const start = this.#pos;
    this.#pos++;
    if (this.#peek() !== OPEN_BRACE) {
      const name = this.#name();
      if (name !== '') return this.#value(name, true);
      const pieces: Piece[] = [];
      pushLiteral(pieces, this.#in.line, start, start + 1, this.#in.owner);
      this.#returned = null;
      return pieces;
    }
    this.#pos++;
    const first = this.#peek();
    if (first === -1) throw new Refusal('syntax', 'a "}" is missing');
    if (first === OPEN_BRACE || first === CLOSE_BRACE || first === COLON) {
      throw new Refusal('syntax', 'a "${" is not followed by a name');
    }
    const name = this.#name();
    const operator = this.#peek();
    this.#pos++;
    if (operator === CLOSE_BRACE) return this.#value(name, true);
    this.#depth++;
    if (this.#depth > MAX_DEPTH) {
      throw new Refusal('variable', `substitutions are nested deeper than ${MAX_DEPTH} levels`);
    }
    const pieces = operator === SLASH ? this.#replace(name) : this.#modify(name, operator);
    this.#depth--;
    return pieces;
  }

  #modify(name: string, first: number): Piece[] {
    let operator = first;
    let emptyIsUnset = false;
    if (operator === COLON) {
      emptyIsUnset = true;
      operator = this.#peek();
      this.#pos++;
    }
    const isTrim = operator === HASH || operator === PERCENT;
    const known = isTrim ? !emptyIsUnset : operator === MINUS || operator === PLUS || operator === QUESTION;
    if (!known) {
      const spelled = `${emptyIsUnset ? ':' : ''}${operator < 0 ? '' : String.fromCharCode(operator)}`;
      throw new Refusal('syntax', `the modifier "${spelled}" of "${name}" is not one BuildKit knows`);
    }
    const before = this.#mark();
    const word = this.#until(CLOSE_BRACE, isTrim);
    const after = this.#mark();
    if (isTrim) {
      this.#composed = true;
      return this.#trim(this.#value(name, true), word, operator);
    }
    this.#reset(before);
    const binding = this.#in.lookup(name);
    if (binding?.state === 'unknown') return this.#value(name, true);
    const isSet = binding?.state === 'set' && !(emptyIsUnset && binding.value === '');
    if (operator === QUESTION) {
      if (isSet) return this.#value(name, true);
      const message = textOf(word);
      throw new Refusal(
        'variable',
        `"${name}" ${message === '' ? 'must have a value' : `is required: ${clip(message)}`}`,
      );
    }
    if (binding !== undefined) this.#reads.push(binding);
    if (operator === PLUS ? isSet : !isSet) {
      this.#reset(after);
      if (binding !== undefined) this.#reads.push(binding);
      return word;
    }
    if (operator === PLUS) {
      this.#returned = null;
      return [];
    }
    return this.#value(name, true);
  }

  #trim(value: readonly Piece[], word: readonly Piece[], operator: number): Piece[] {
    let text = textOf(word);
    const longest = text.charCodeAt(0) === operator;
    if (longest) text = text.slice(1);
    const pattern = this.#pattern(text);
    const subject = textOf(value);
    const step = operator === HASH ? 1 : -1;
    const from = step === 1 ? 0 : subject.length;
    const length = this.#match(pattern, subject, from, step, longest);
    if (length <= 0) return [...value];
    return step === 1
      ? slicePieces(value, length, subject.length)
      : slicePieces(value, 0, subject.length - length);
  }

  #replace(name: string): Piece[] {
    const all = this.#peek() === SLASH;
    if (all) this.#pos++;
    const search = textOf(this.#until(SLASH, true));
    const replacement = this.#until(CLOSE_BRACE, true).map((piece) => ({ ...piece, at: -1 }));
    this.#composed = true;
    const value = this.#value(name, true);
    const pattern = this.#pattern(search);
    if (all && textOf(replacement).includes('$')) {
      throw new Refusal('syntax', 'a replacement with "$" in it is not supported');
    }
    const subject = textOf(value);
    const pieces: Piece[] = [];
    const inserted = textOf(replacement).length;
    let total = subject.length;
    let copied = 0;
    let matchedTo = -1;
    for (let i = 0; i <= subject.length; i++) {
      const length = this.#match(pattern, subject, i, 1, true);
      if (length < 0 || (length === 0 && i === matchedTo)) continue;
      if (!this.#in.budget.spend(value.length)) this.#tooLong();
      total += inserted - length;
      this.#append(pieces, slicePieces(value, copied, i), 0);
      this.#append(pieces, replacement, total);
      copied = i + length;
      matchedTo = copied;
      if (!all) break;
      if (length > 0) i = copied - 1;
    }
    this.#append(pieces, slicePieces(value, copied, subject.length), 0);
    return pieces;
  }

  #pattern(text: string): ShellPattern {
    const pattern = parseShellPattern(text);
    if (pattern === null)
      throw new Refusal('syntax', `the pattern "${clip(text)}" holds an escape BuildKit refuses`);
    return pattern;
  }

  #match(pattern: ShellPattern, value: string, from: number, step: 1 | -1, longest: boolean): number {
    const length = matchLength(pattern, value, from, { longest, step, budget: this.#in.budget });
    if (length === null) this.#tooLong();
    return length;
  }

  #value(name: string, needed: boolean): Piece[] {
    const binding = this.#in.lookup(name);
    this.#returned = null;
    if (binding === undefined || binding.state === 'unset') {
      if (binding !== undefined) this.#reads.push(binding);
      if (needed) this.#unset ??= name;
      return [];
    }
    this.#reads.push(binding);
    if (binding.state === 'unknown') {
      throw new Refusal('variable', binding.fault);
    }
    this.#returned = binding.sole ?? binding;
    if (!this.#in.budget.spend(binding.pieces.length)) this.#tooLong();
    return [...binding.pieces];
  }

  #name(): string {
    const start = this.#pos;
    for (;;) {
      const c = this.#pos < this.#end ? this.#text.codePointAt(this.#pos) : undefined;
      if (c === undefined) break;
      if (this.#pos === start) {
        if (isDigit(c)) {
          while (isDigit(this.#peek())) this.#pos++;
          break;
        }
        if (c < 0x80 && SPECIAL.includes(String.fromCharCode(c))) {
          this.#pos++;
          break;
        }
      }
      if (!isNameChar(c)) break;
      this.#pos += c > 0xffff ? 2 : 1;
    }
    return this.#text.slice(start, this.#pos);
  }

  #mark(): Mark {
    return {
      composed: this.#composed,
      returned: this.#returned,
      unset: this.#unset,
      reads: this.#reads.length,
      list: this.#reads,
    };
  }

  #reset(mark: Mark): void {
    this.#composed = mark.composed;
    this.#returned = mark.returned;
    this.#unset = mark.unset;
    if (this.#reads.length > mark.reads) this.#reads = mark.list.slice(0, mark.reads);
    else this.#reads = mark.list;
  }
}

type Mark = {
  readonly composed: boolean;
  readonly returned: Binding | null;
  readonly unset: string | null;
  readonly reads: number;
  readonly list: Binding[];
};

function quoteChar(code: number): string {
  return `"${String.fromCharCode(code)}"`;
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
