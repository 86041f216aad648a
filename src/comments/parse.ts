import { parseDays } from '../config/schema/values.ts';
import type { Result } from '../domain/errors.ts';
import { parseImageReference } from '../domain/image-reference.ts';
import { nearest } from '../domain/nearest.ts';
import type { CommandImage, RotateCommand } from './command.ts';
import { visibleLines } from './visible-lines.ts';

const TRIGGER = /^\/rotate(?=\s|$)/i;
const WORDS = ['all', 'rebase', 'hold', 'unhold', 'ignore', 'status', 'help'] as const;
const MAX_COMMANDS = 20;
const MAX_COMMENT = 262_144;
const MAX_REASON = 500;
const MAX_QUOTED = 80;
const MAX_IMAGE = 1000;

type Word = { readonly text: string; readonly end: number };

/**
 * The `/rotate` commands of a comment in the order written; empty where there is none. A command is a line that begins
 * with `/rotate` outside of quotations, code and HTML comments. What cannot be understood becomes `unknown` with the
 * nearest command. At most 20 commands are read, from the first 256 Ki characters. Pure; linear; never throws.
 */
export function parseComment(markdown: string): readonly RotateCommand[] {
  const lines = visibleLines(markdown.slice(0, MAX_COMMENT)).filter((line) => TRIGGER.test(line.text));
  const commands = lines.slice(0, MAX_COMMANDS).map((line) => parseCommandLine(line.text));
  if (lines.length > MAX_COMMANDS) {
    const problem = `a comment may hold ${MAX_COMMANDS} commands; the ones behind were not read`;
    commands.push({ kind: 'unknown', text: '/rotate', problem, nearest: null });
  }
  return commands;
}

/** One line that begins with `/rotate`. */
function parseCommandLine(line: string): RotateCommand {
  const rest = line.replace(TRIGGER, '').trim();
  const words = wordsOf(rest);
  const first = words[0];
  if (first === undefined) return { kind: 'here' };
  const keyword = first.text.toLowerCase();
  switch (keyword) {
    case 'all':
    case 'rebase':
    case 'status':
    case 'help':
      return words.length === 1
        ? { kind: keyword }
        : unknown(line, `"/rotate ${keyword}" takes nothing behind it`, `/rotate ${keyword}`);
    case 'hold':
      return parseHold(line, rest, words);
    case 'unhold':
      return parseUnhold(line, words);
    case 'ignore':
      return parseIgnore(line, rest, words);
    default:
      return parseImageCommand(line, words);
  }
}

/** `hold IMAGE [for 30d] [because …]` */
function parseHold(line: string, rest: string, words: readonly Word[]): RotateCommand {
  const usage = '/rotate hold IMAGE for 30d because …';
  const image = parseImage(words[1]?.text ?? '');
  if (!image.ok) return unknown(line, `"hold" needs an image${orWhy(words[1], image.fault)}`, usage);
  let at = 2;
  let days: number | null = null;
  if (words[at]?.text.toLowerCase() === 'for') {
    const until = duration(words, at + 1);
    if (until === null) {
      return unknown(line, `"for" needs a duration such as 30d, 2w or 12h${given(words[at + 1])}`, usage);
    }
    days = until.days;
    at += 1 + until.words;
  }
  const reason = parseReason(rest, words, at);
  if (reason === undefined)
    return unknown(line, `${quote(words[at]?.text ?? '')} is not understood here`, usage);
  return { kind: 'hold', image: image.value, days, reason };
}

function parseUnhold(line: string, words: readonly Word[]): RotateCommand {
  const image = parseImage(words[1]?.text ?? '');
  if (image.ok && words.length === 2) return { kind: 'unhold', image: image.value };
  const problem = image.ok
    ? '"unhold" takes one image'
    : `"unhold" needs an image${orWhy(words[1], image.fault)}`;
  return unknown(line, problem, '/rotate unhold IMAGE');
}

/** `ignore [IMAGE | this digest] [because …]` */
function parseIgnore(line: string, rest: string, words: readonly Word[]): RotateCommand {
  const usage = '/rotate ignore, or /rotate ignore IMAGE';
  let at = 1;
  let image: CommandImage | null = null;
  const next = words[at]?.text.toLowerCase();
  if (next === 'this' || next === 'digest') {
    at += next === 'this' && words[at + 1]?.text.toLowerCase() === 'digest' ? 2 : 1;
  } else if (next !== undefined && next !== 'because') {
    const parsed = parseImage(words[at]?.text ?? '');
    if (!parsed.ok) return unknown(line, parsed.fault, usage);
    image = parsed.value;
    at += 1;
  }
  const reason = parseReason(rest, words, at);
  if (reason === undefined)
    return unknown(line, `${quote(words[at]?.text ?? '')} is not understood here`, usage);
  return { kind: 'ignore', image, reason };
}

/** `IMAGE[:TAG]`, or a misspelled word. */
function parseImageCommand(line: string, words: readonly Word[]): RotateCommand {
  const text = words[0]?.text ?? '';
  const looksLikeWord = /^[a-z]+[.!?,;]?$/i.test(text);
  const guess = looksLikeWord ? nearestWord(text.toLowerCase()) : null;
  if (guess !== null) return unknown(line, `${quote(text)} is not a command`, `/rotate ${guess}`);
  const image = parseImage(text);
  if (!image.ok)
    return unknown(line, `${quote(text)} is neither a command nor an image: ${image.fault}`, '/rotate help');
  if (words.length > 1) {
    return unknown(
      line,
      `"/rotate IMAGE" takes one image; ${quote(words[1]?.text ?? '')} is too much`,
      `/rotate ${text}`,
    );
  }
  return { kind: 'image', image: image.value };
}

/** The command word a misspelled one means; swapped letters count as one slip. */
function nearestWord(text: string): string | null {
  const letters = sorted(text.slice(0, 20));
  return WORDS.find((word) => sorted(word) === letters) ?? nearest(text, WORDS);
}

function sorted(text: string): string {
  return [...text].sort().join('');
}

/** The reason behind "because"; null where the line ends; undefined where something else stands there. */
function parseReason(rest: string, words: readonly Word[], at: number): string | null | undefined {
  const word = words[at];
  if (word === undefined) return null;
  if (word.text.toLowerCase().replace(/[:,]$/, '') !== 'because') return undefined;
  const reason = rest.slice(word.end).trim();
  if (reason === '') return null;
  return reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason;
}

/** `30d`, or `30 days` in two words. */
function duration(
  words: readonly Word[],
  at: number,
): { readonly days: number; readonly words: number } | null {
  const first = words[at]?.text ?? '';
  const second = words[at + 1]?.text ?? '';
  const both = second === '' ? null : positive(parseDays(`${first} ${second}`));
  if (both !== null) return { days: both, words: 2 };
  const one = positive(parseDays(first));
  return one === null ? null : { days: one, words: 1 };
}

function positive(days: number | null): number | null {
  return days !== null && days > 0 ? days : null;
}

/** One image by its plain name; the fault says why it is none. Commands take no patterns: what they do, they do to one image. */
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

function orWhy(word: Word | undefined, why: string): string {
  return word === undefined ? '' : `; ${why}`;
}

function unknown(line: string, problem: string, nearestCommand: string): RotateCommand {
  return { kind: 'unknown', text: clip(line, 200), problem, nearest: nearestCommand };
}

function given(word: Word | undefined): string {
  return word === undefined ? '' : `; ${quote(word.text)} is none`;
}

function quote(text: string): string {
  return JSON.stringify(clip(text, MAX_QUOTED));
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** The words of a line with the offsets of their ends; only as many as any command reads before its reason. */
function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(/\S+/g)) {
    words.push({ text: match[0], end: match.index + match[0].length });
    if (words.length === 8) break;
  }
  return words;
}
