import {
  BACKSLASH,
  CLOSE_BRACE,
  CR,
  DOLLAR,
  DOUBLE_QUOTE,
  isSpace,
  LESS,
  MINUS,
  OPEN_BRACE,
  SINGLE_QUOTE,
  SLASH,
  SPACE,
  TAB,
} from './chars.ts';
import { nameEnd } from './shell-name.ts';

/** A heredoc an instruction opens: its body ends at a line equal to `name`, tabs before it dropped where `chomp`. */
export type Heredoc = {
  readonly name: string;
  readonly chomp: boolean;
};

const MAX_DEPTH = 64;

/**
 * The heredocs of one joined instruction line, in the order their bodies follow
 * (BuildKit parser.go `heredocsFromLine`, shell/lex.go `processPossibleHeredoc`). The escape character is always
 * a backslash here, whatever the directive. A line the shell lexer refuses opens none.
 */
export function heredocsOf(line: string): readonly Heredoc[] {
  const words = new MarkerLexer(line).words();
  const found: Heredoc[] = [];
  for (const word of words) {
    const heredoc = parseMarker(word);
    if (heredoc !== null) found.push(heredoc);
  }
  return found;
}

/** Reads `[fd]<<[-][blanks]word`; null where the text is no heredoc marker (`^(\d*)<<(-?)\s*([^<]*)$`). */
function parseMarker(word: string): Heredoc | null {
  let i = 0;
  while (i < word.length && word.charCodeAt(i) >= 48 && word.charCodeAt(i) <= 57) i++;
  if (word.charCodeAt(i) !== LESS || word.charCodeAt(i + 1) !== LESS) return null;
  i += 2;
  const chomp = word.charCodeAt(i) === MINUS;
  if (chomp) i++;
  while (i < word.length && isSpace(word.charCodeAt(i))) i++;
  const rest = word.slice(i);
  if (rest === '' || rest.includes('<')) return null;
  const name = unquote(rest);
  return name === null || name === '' ? null : { name, chomp };
}

/** The word without its quotes and escapes; null where it is not exactly one word. Variables stay as spelled. */
function unquote(word: string): string | null {
  let out = '';
  let quote = 0;
  for (let i = 0; i < word.length; i++) {
    const c = word.charCodeAt(i);
    if (quote === 0 && isSpace(c)) return null;
    if (quote === 0 && (c === SINGLE_QUOTE || c === DOUBLE_QUOTE)) {
      quote = c;
      continue;
    }
    if (quote !== 0 && c === quote) {
      quote = 0;
      continue;
    }
    if (c === BACKSLASH && quote !== SINGLE_QUOTE) {
      const next = word.charCodeAt(i + 1);
      if (quote === 0 || next === DOUBLE_QUOTE || next === DOLLAR || next === BACKSLASH) {
        i++;
        out += word[i] ?? '';
        continue;
      }
    }
    out += word[i];
  }
  return quote === 0 ? out : null;
}

/** Thrown and caught here, for lines BuildKit's lexer refuses; no Error, since it needs no stack. */
class LexError {
  readonly problem: string;
  constructor(problem: string) {
    this.problem = problem;
  }
}

/**
 * BuildKit's word splitting with raw quotes, raw escapes and unset variables kept: only what matters to find `<<`.
 * Words are slices of the line; a `<<` keeps the blanks after it in its word.
 */
class MarkerLexer {
  readonly #line: string;
  #pos = 0;
  #depth = 0;

  constructor(line: string) {
    this.#line = line;
  }

  words(): readonly string[] {
    const words: string[] = [];
    const line = this.#line;
    let start = -1;
    try {
      while (this.#pos < line.length) {
        const c = line.charCodeAt(this.#pos);
        if (isSpace(c)) {
          if (start >= 0) words.push(line.slice(start, this.#pos));
          start = -1;
          this.#pos++;
          continue;
        }
        if (start < 0) start = this.#pos;
        this.#item(c);
      }
    } catch (error) {
      if (error instanceof LexError) return [];
      throw error;
    }
    if (start >= 0) words.push(line.slice(start));
    return words;
  }

  #item(c: number): void {
    if (c === SINGLE_QUOTE) this.#singleQuote();
    else if (c === DOUBLE_QUOTE) this.#doubleQuote();
    else if (c === DOLLAR) this.#dollar();
    else if (c === LESS) this.#less();
    else if (c === BACKSLASH) this.#pos += 2;
    else this.#pos++;
  }

  #less(): void {
    this.#pos++;
    if (this.#line.charCodeAt(this.#pos) !== LESS) return;
    this.#pos++;
    for (;;) {
      const c = this.#line.charCodeAt(this.#pos);
      if (c !== SPACE && c !== TAB && c !== CR) return;
      this.#pos++;
    }
  }

  #singleQuote(): void {
    const end = this.#line.indexOf("'", this.#pos + 1);
    if (end < 0) throw new LexError('single quote');
    this.#pos = end + 1;
  }

  #doubleQuote(): void {
    this.#pos++;
    for (;;) {
      const c = this.#line.charCodeAt(this.#pos);
      if (Number.isNaN(c)) throw new LexError('double quote');
      if (c === DOUBLE_QUOTE) break;
      if (c === DOLLAR) {
        this.#dollar();
        continue;
      }
      this.#pos++;
      if (c !== BACKSLASH) continue;
      const next = this.#line.charCodeAt(this.#pos);
      if (next === DOUBLE_QUOTE || next === DOLLAR || next === BACKSLASH) this.#pos++;
    }
    this.#pos++;
  }

  #dollar(): void {
    const line = this.#line;
    this.#pos++;
    if (line.charCodeAt(this.#pos) !== OPEN_BRACE) {
      this.#pos = nameEnd(line, this.#pos, line.length);
      return;
    }
    this.#pos++;
    const first = line[this.#pos];
    if (first === undefined || first === '{' || first === '}' || first === ':') throw new LexError('bad');
    this.#pos = nameEnd(line, this.#pos, line.length);
    const operator = line[this.#pos];
    this.#pos++;
    if (operator === '}') return;
    if (operator === '/') {
      if (line.charCodeAt(this.#pos) === SLASH) this.#pos++;
      this.#until(SLASH);
      this.#until(CLOSE_BRACE);
      return;
    }
    if (operator === ':') {
      const next = line[this.#pos];
      if (next === undefined || next === '#' || next === '%') throw new LexError('modifier');
      this.#pos++;
    } else if (operator === undefined || !'+-?#%'.includes(operator)) {
      throw new LexError('modifier');
    }
    this.#until(CLOSE_BRACE);
  }

  #until(stop: number): void {
    this.#depth++;
    if (this.#depth > MAX_DEPTH) throw new LexError('depth');
    for (;;) {
      const c = this.#line.charCodeAt(this.#pos);
      if (Number.isNaN(c)) throw new LexError('end');
      if (c === stop) break;
      this.#item(c);
    }
    this.#pos++;
    this.#depth--;
  }
}
