import { type Binding, type Piece, pushLiteral, textOf } from './binding.ts';
import {
  CLOSE_BRACE,
  COLON,
  DOLLAR,
  DOUBLE_QUOTE,
  HASH,
  MINUS,
  OPEN_BRACE,
  PERCENT,
  PLUS,
  QUESTION,
  SINGLE_QUOTE,
  SLASH,
} from './chars.ts';
import type { ExpandInput, Expansion } from './expansion.ts';
import { Refusal, refuseTooLong } from './refusal.ts';
import { nameEnd } from './shell-name.ts';
import { replaceMatches, trimMatch } from './substitution.ts';
import { WordRun } from './word-run.ts';

const MAX_DEPTH = 32;

/** The lexer of one word; {@link expandWord} is the way in. `run` throws a Refusal. */
export class ShellLexer {
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
    if (this.#reads.length > 0 && !this.#in.budget.spend(value.length)) refuseTooLong();
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
    const { escapeCode } = this.#in;
    const run = new WordRun(this.#in, this.#pos);
    for (;;) {
      const c = this.#peek();
      if (c === -1 || c === stop) {
        run.flush(this.#pos);
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
        run.flush(this.#pos);
        const quoted = c === DOUBLE_QUOTE ? this.#doubleQuote(raw) : null;
        const part = c === SINGLE_QUOTE ? this.#singleQuote() : (quoted?.pieces ?? this.#dollar());
        const isVariable = c === DOLLAR || (quoted !== null && quoted.variables > 0);
        run.append(part, isVariable ? 'variable' : 'literal', this.#pos);
        continue;
      }
      if (c === escapeCode) {
        if (!raw) run.flush(this.#pos, this.#pos + 1);
        this.#pos++;
        // An escape at the end of the word is dropped.
        if (this.#pos < this.#end) this.#pos++;
        continue;
      }
      this.#pos++;
    }
    const pieces = run.finish();
    if (run.isComposed) this.#composed = true;
    if (run.variables === 0) this.#returned = null;
    return pieces;
  }

  #singleQuote(): Piece[] {
    const close = this.#text.indexOf("'", this.#pos + 1);
    if (close < 0 || close >= this.#end) throw new Refusal('syntax', 'a single quote is not closed');
    const pieces: Piece[] = [];
    pushLiteral(pieces, this.#in.line, this.#pos + 1, close, this.#in.owner);
    this.#pos = close + 1;
    return pieces;
  }

  #doubleQuote(raw: boolean): WordRun {
    const { escapeCode } = this.#in;
    this.#pos++;
    const run = new WordRun(this.#in, this.#pos);
    for (;;) {
      const c = this.#peek();
      if (c === -1) throw new Refusal('syntax', 'a double quote is not closed');
      if (c === DOUBLE_QUOTE) {
        run.flush(this.#pos);
        this.#pos++;
        break;
      }
      if (c === DOLLAR) {
        run.flush(this.#pos);
        const part = this.#dollar();
        run.append(part, 'variable', this.#pos);
        continue;
      }
      this.#pos++;
      if (c !== escapeCode) continue;
      const next = this.#peek();
      if (next !== DOUBLE_QUOTE && next !== DOLLAR && next !== escapeCode && next !== -1) continue;
      if (!raw) run.flush(this.#pos - 1, this.#pos);
      if (next !== -1) this.#pos++;
    }
    if (run.isComposed) this.#composed = true;
    return run;
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
      return trimMatch(this.#value(name, true), textOf(word), operator, this.#in.budget);
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
        `"${name}" ${message === '' ? 'must have a value' : `is required: ${message.slice(0, 80)}`}`,
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

  #replace(name: string): Piece[] {
    const all = this.#peek() === SLASH;
    if (all) this.#pos++;
    const search = textOf(this.#until(SLASH, true));
    const replacement = this.#until(CLOSE_BRACE, true);
    this.#composed = true;
    const value = this.#value(name, true);
    return replaceMatches(value, search, replacement, all, this.#in.budget);
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
    if (!this.#in.budget.spend(binding.pieces.length)) refuseTooLong();
    return [...binding.pieces];
  }

  #name(): string {
    const start = this.#pos;
    this.#pos = nameEnd(this.#text, start, this.#end);
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
