import { parseDays } from '../config/schema/values.ts';
import type { Result } from '../domain/errors.ts';
import { parseImageReference } from '../domain/image-reference.ts';
import type { CommandImage } from '../domain/rotate-command.ts';

const MAX_WORDS = 8;
const MAX_REASON = 500;
const MAX_QUOTED = 80;
const MAX_IMAGE = 1000;

type Word = { readonly text: string; readonly end: number };

/** What is written behind a command's word, read from left to right. Linear in the length of the text. */
export class Arguments {
  readonly #text: string;
  readonly #words: readonly Word[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#words = wordsOf(text);
  }

  /** The word that comes next, as written; null at the end. */
  get next(): string | null {
    return this.#words[this.#at]?.text ?? null;
  }

  /** Takes the next word where it is this one, in any case. */
  takes(word: string): boolean {
    if (this.next?.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  /** Takes one image by its plain name; the fault says why the next word is none. */
  image(): Result<CommandImage, string> {
    if (this.next === null) return { ok: false, fault: 'none was given' };
    const image = parseImage(this.next);
    if (image.ok) this.#at += 1;
    return image;
  }

  /** Takes a duration of more than nothing, in days: `30d`, `30 days`, `12h`; null where none stands here. */
  days(): number | null {
    const second = this.#words[this.#at + 1]?.text;
    const both = second === undefined ? null : positive(parseDays(`${this.next} ${second}`));
    const days = both ?? positive(parseDays(this.next ?? ''));
    if (days !== null) this.#at += both === null ? 1 : 2;
    return days;
  }

  /** Takes `because …` to the end of the line. Null: there is no reason. Undefined: something else stands here. */
  reason(): string | null | undefined {
    const word = this.#words[this.#at];
    if (word === undefined) return null;
    if (word.text.toLowerCase().replace(/[:,]$/, '') !== 'because') return undefined;
    const reason = this.#text.slice(word.end).trim();
    return reason === '' ? null : clip(reason, MAX_REASON);
  }

  /** Whether everything was taken. */
  get isEmpty(): boolean {
    return this.next === null;
  }

  /** `, and "x" is not one`, where something stands here that was not what was wanted. */
  get butGiven(): string {
    return this.next === null ? '' : `, not ${quote(this.next)}`;
  }
}

/** A user's words in quotes, cut to a readable length. */
export function quote(text: string): string {
  return JSON.stringify(clip(text, MAX_QUOTED));
}

export function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** Commands take no patterns: what they do, they do to one image. */
function parseImage(text: string): Result<CommandImage, string> {
  // People write `python:3.11` as code. The length is capped first: no name is that long.
  const name = text.slice(0, MAX_IMAGE).replace(/^`{1,3}|`{1,3}$/g, '');
  if (/[*?{}]|\[[^\]:]*\]/.test(name)) {
    return { ok: false, fault: `${quote(name)} is a pattern; write one image, such as python:3.11` };
  }
  const parsed = parseImageReference(name);
  if (!parsed.ok) return { ok: false, fault: clip(parsed.fault.message, 200) };
  const { registry, repository, tag, digest, text: spelled } = parsed.value;
  return { ok: true, value: { registry, repository, tag, digest, text: spelled } };
}

function positive(days: number | null): number | null {
  return days !== null && days > 0 ? days : null;
}

/** The words of a line with the offsets of their ends; only as many as any command reads before its reason. */
function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(/\S+/g)) {
    words.push({ text: match[0], end: match.index + match[0].length });
    if (words.length === MAX_WORDS) break;
  }
  return words;
}
