import { nearest } from '../domain/nearest.ts';
import type { RotateCommand } from '../domain/rotate-command.ts';
import { Arguments, clip, quote } from './arguments.ts';
import { COMMANDS, rowOf } from './table.ts';
import { visibleLines } from './visible-lines.ts';

const TRIGGER = /^\/rotate(?=\s|$)/i;
const MAX_COMMANDS = 20;
const MAX_COMMENT = 262_144;
const MAX_LINE = 200;

/**
 * The `/rotate` commands of a comment in the order written; empty where there is none. A command is a line that begins
 * with `/rotate` outside of quotations, code and HTML comments. What cannot be understood becomes `unknown` with the
 * nearest command. At most 20 commands are read, from the first 256 Ki characters. Pure; linear; never throws.
 */
export function parseComment(markdown: string): readonly RotateCommand[] {
  const lines = visibleLines(markdown.slice(0, MAX_COMMENT)).filter((line) => TRIGGER.test(line.text));
  const commands = lines.slice(0, MAX_COMMANDS).map((line) => parseCommandLine(line.text));
  if (lines.length > MAX_COMMANDS) {
    const problem = `a comment may contain ${MAX_COMMANDS} commands; the rest were ignored`;
    commands.push({ kind: 'unknown', text: '/rotate', problem, nearest: null });
  }
  return commands;
}

/** One line that begins with `/rotate`. */
function parseCommandLine(line: string): RotateCommand {
  const given = new Arguments(line.replace(TRIGGER, '').trim());
  const first = given.next;
  if (first === null) return { kind: 'here' };
  const row = COMMANDS.find(({ word }) => word !== null && given.takes(word));
  if (row === undefined) return parseImageCommand(line, first, given);
  const parsed = row.parse(given);
  return parsed.ok ? parsed.value : unknown(line, parsed.fault, row.usage);
}

/** `IMAGE[:TAG]`, or a misspelled word. */
function parseImageCommand(line: string, text: string, given: Arguments): RotateCommand {
  const looksLikeWord = /^[a-z]+[.!?,;]?$/i.test(text);
  const guess = looksLikeWord ? nearestWord(text.toLowerCase()) : null;
  if (guess !== null) return unknown(line, `${quote(text)} is not a command`, `/rotate ${guess}`);
  const parsed = rowOf('image').parse(given);
  if (parsed.ok) return parsed.value;
  const isImage = given.next !== text;
  return unknown(line, parsed.fault, isImage ? `/rotate ${text}` : rowOf('help').usage);
}

/** The command word a misspelled one means; swapped letters count as one slip. */
function nearestWord(text: string): string | null {
  const words = COMMANDS.flatMap(({ word }) => word ?? []);
  const letters = sorted(text.slice(0, 20));
  return words.find((word) => sorted(word) === letters) ?? nearest(text, words);
}

function sorted(text: string): string {
  return [...text].sort().join('');
}

function unknown(line: string, problem: string, nearestCommand: string): RotateCommand {
  return { kind: 'unknown', text: clip(line, MAX_LINE), problem, nearest: nearestCommand };
}
