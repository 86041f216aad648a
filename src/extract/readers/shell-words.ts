import { WorkBudget } from '../work-budget.ts';
import { concat, type MappedText, part, unmapped } from './mapped-text.ts';

/** One word of a command, quotes taken off; expansions (`$X`, `${X:-y}`, `$(…)`) stand in it as written. */
export type ShellWord = {
  readonly text: MappedText;
  /** Offset of the word in the script's value. */
  readonly at: number;
};

/** A simple command: its words up to the next `;`, `&&`, `|`, line end and the like. */
export type ShellCommand = { readonly words: readonly ShellWord[] };

/**
 * Splits a POSIX shell script into simple commands and words, with the place of every character. Understands quotes,
 * line continuations, comments, here-documents (left out) and nested expansions; `${{ … }}` counts as one piece.
 * It does not run anything: loops and conditions are just commands in a row. `budget` pays for each character: one script
 * may be aliased many times; where it cannot, there are no commands. Linear, never throws.
 */
export function readShell(script: MappedText, budget = new WorkBudget()): readonly ShellCommand[] {
  if (!budget.spend(script.value.length)) return [];
  return new ShellReader(script).read();
}

class ShellReader {
  readonly #script: MappedText;
  readonly #text: string;
  readonly #commands: ShellCommand[] = [];
  #words: ShellWord[] = [];
  #pieces: MappedText[] = [];
  #wordStart = -1;
  #heredocs: { readonly delimiter: string; readonly tabs: boolean }[] = [];
  #at = 0;

  constructor(script: MappedText) {
    this.#script = script;
    this.#text = script.value;
  }

  read(): readonly ShellCommand[] {
    while (this.#at < this.#text.length) this.#step();
    this.#endCommand();
    return this.#commands;
  }

  #step(): void {
    const text = this.#text;
    const c = text[this.#at] ?? '';
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
        this.#endWord();
        this.#at++;
        break;
      case '\n':
        this.#endCommand();
        this.#at++;
        this.#skipHeredocs();
        break;
      case ';':
      case '&':
      case '|':
      case '(':
      case ')':
        this.#endCommand();
        this.#at++;
        break;
      case '#':
        if (this.#wordStart >= 0) this.#take(this.#at + 1);
        else this.#at = endOfLine(text, this.#at);
        break;
      case '<':
        if (text.startsWith('<<', this.#at) && text[this.#at + 2] !== '<') this.#heredoc();
        else this.#take(this.#at + (text.startsWith('<<<', this.#at) ? 3 : 1));
        break;
      case '\\':
        this.#backslash();
        break;
      case "'":
        this.#singleQuotes();
        break;
      case '"':
        this.#doubleQuotes();
        break;
      case '$':
      case '`':
        this.#take(expansionEnd(text, this.#at));
        break;
      default:
        this.#take(plainEnd(text, this.#at));
    }
  }

  /** Takes the characters up to `end` into the word as they stand. */
  #take(end: number): void {
    this.#beginWord();
    this.#pieces.push(part(this.#script, this.#at, end));
    this.#at = end;
  }

  #beginWord(): void {
    if (this.#wordStart < 0) this.#wordStart = this.#at;
  }

  #backslash(): void {
    const next = this.#text[this.#at + 1];
    const lineEnd = next === '\r' && this.#text[this.#at + 2] === '\n' ? 3 : next === '\n' ? 2 : 0;
    if (lineEnd > 0) {
      this.#at += lineEnd;
      return;
    }
    this.#beginWord();
    // The escaped character has a place, but its backslash would stay behind: not editable.
    this.#pieces.push(unmapped(next ?? ''));
    this.#at += 2;
  }

  #singleQuotes(): void {
    this.#beginWord();
    const close = this.#text.indexOf("'", this.#at + 1);
    const end = close < 0 ? this.#text.length : close;
    this.#pieces.push(part(this.#script, this.#at + 1, end));
    this.#at = end + 1;
  }

  #doubleQuotes(): void {
    this.#beginWord();
    const text = this.#text;
    let from = this.#at + 1;
    let at = from;
    while (at < text.length && text[at] !== '"') {
      const c = text[at];
      if (c === '\\') {
        this.#pieces.push(part(this.#script, from, at));
        if (text[at + 1] !== '\n') this.#pieces.push(unmapped(text[at + 1] ?? ''));
        at += 2;
        from = at;
      } else if (c === '$' || c === '`') {
        at = expansionEnd(text, at);
      } else {
        at++;
      }
    }
    const end = Math.min(at, text.length);
    if (from <= end) this.#pieces.push(part(this.#script, from, end));
    this.#at = end + 1;
  }

  #heredoc(): void {
    this.#endWord();
    let at = this.#at + 2;
    const tabs = this.#text[at] === '-';
    if (tabs) at++;
    while (this.#text[at] === ' ' || this.#text[at] === '\t') at++;
    const end = delimiterEnd(this.#text, at);
    const delimiter = this.#text.slice(at, end).replace(/['"\\]/g, '');
    if (delimiter !== '' && /^\w+$/.test(delimiter)) this.#heredocs.push({ delimiter, tabs });
    this.#at = end;
  }

  #skipHeredocs(): void {
    for (const { delimiter, tabs } of this.#heredocs) {
      while (this.#at < this.#text.length) {
        const end = endOfLine(this.#text, this.#at);
        const line = this.#text.slice(this.#at, end).replace(/\r$/, '');
        this.#at = end + 1;
        if ((tabs ? line.replace(/^\t+/, '') : line) === delimiter) break;
      }
    }
    this.#heredocs = [];
  }

  #endWord(): void {
    if (this.#wordStart < 0) return;
    this.#words.push({ text: concat(this.#pieces), at: this.#wordStart });
    this.#pieces = [];
    this.#wordStart = -1;
  }

  #endCommand(): void {
    this.#endWord();
    if (this.#words.length > 0) this.#commands.push({ words: this.#words });
    this.#words = [];
  }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function plainEnd(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && !' \t\r\n;&|()#<\\\'"$`'.includes(text[end] ?? '')) end++;
  return end;
}

function delimiterEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && !' \t\r\n;&|()<>'.includes(text[end] ?? '')) end++;
  return end;
}

/** The end of an expansion that begins at `at`: `$X`, `${…}`, `${{ … }}`, `$(…)`, `` `…` ``; at least `at + 1`. */
function expansionEnd(text: string, at: number): number {
  if (text[at] === '`') {
    const close = text.indexOf('`', at + 1);
    return close < 0 ? text.length : close + 1;
  }
  if (text.startsWith('${{', at)) {
    const close = text.indexOf('}}', at);
    return close < 0 ? text.length : close + 2;
  }
  const open = text[at + 1];
  if (open !== '{' && open !== '(') return at + 1;
  const close = open === '{' ? '}' : ')';
  let depth = 0;
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === open) depth++;
    else if (text[end] === close && --depth === 0) return end + 1;
  }
  return text.length;
}
