import type { CommandLine, Option, OptionTable } from './command-line.ts';
import { wrap } from './text.ts';

/** The columns that help is written for: what a terminal has at least. */
export const HELP_COLUMNS = 80;

/** A term longer than this has its description on the next line. */
const MAX_TERM = 22;

/** What `pinwheel COMMAND --help` prints. */
export function renderHelp(line: CommandLine): string {
  const terms = [
    ...(line.terms ?? []),
    ...Object.entries(line.options).map(
      ([name, option]) => [optionWords(name, option), describe(option)] as const,
    ),
  ];
  const examples = ['Examples:', ...line.examples.map((example) => `  ${example}`)];
  const parts = [
    renderUsage(line),
    ...line.about.map((paragraph) => wrap(paragraph, HELP_COLUMNS)),
    ...(terms.length > 0 ? [definitions(terms)] : []),
    ...(line.notes ?? []).map((paragraph) => wrap(paragraph, HELP_COLUMNS)),
    ...(line.examples.length > 0 ? [examples.join('\n')] : []),
    wrap(line.exitCodes, HELP_COLUMNS),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Terms with their descriptions beside them, or below where a term is long. */
export function definitions(terms: readonly (readonly [term: string, description: string])[]): string {
  const width = Math.max(...terms.map(([term]) => term.length).filter((length) => length <= MAX_TERM), 0);
  const indent = ' '.repeat(width + 4);
  return terms
    .map(([term, description]) => {
      const text = wrap(description, HELP_COLUMNS - indent.length).replaceAll('\n', `\n${indent}`);
      return term.length > width ? `  ${term}\n${indent}${text}` : `  ${term.padEnd(width)}  ${text}`;
    })
    .join('\n');
}

/** An option as help spells it: `--only IMAGE…`. */
function optionWords(name: string, option: Option): string {
  if (option.type === 'flag') return `--${name}`;
  return `--${name} ${option.value}${option.type === 'list' ? '…' : ''}`;
}

function describe(option: Option): string {
  if (!('default' in option) || option.default === undefined) return option.description;
  return `${option.description} (default: ${option.default})`;
}

function renderUsage(line: CommandLine): string {
  const forms = [
    [line.takes, ...optionGroups(line)].filter((words) => words !== ''),
    ...(line.alsoCalled ?? []).map((words) => [words]),
  ];
  return forms
    .map((words, i) => {
      const start = `${i === 0 ? 'Usage:' : '      '} pinwheel ${line.name}`;
      const indent = ' '.repeat(Math.min(start.length, 24) + 1);
      return fill([start, ...words], indent);
    })
    .join('\n');
}

/** `[--check | --write]`, `[--json]`: options in order, those that exclude each other together. */
function optionGroups({ options, exclusive = [], alsoCalled = [] }: CommandLine): readonly string[] {
  const told = alsoCalled.join(' ').split(/[\s|[\]]+/);
  const done = new Set<string>();
  const groups: string[] = [];
  for (const name of Object.keys(options)) {
    if (done.has(name) || told.includes(`--${name}`)) continue;
    const group = exclusive.find((names) => names.includes(name)) ?? [name];
    for (const member of group) done.add(member);
    groups.push(`[${group.map((member) => wordsOf(options, member)).join(' | ')}]`);
  }
  return groups;
}

function wordsOf(options: OptionTable, name: string): string {
  const option = options[name];
  return option === undefined ? '' : optionWords(name, option);
}

/** Words on as few lines as fit, none broken inside. */
function fill(words: readonly string[], indent: string): string {
  const lines: string[] = [];
  let current = '';
  for (const word of words) {
    if (current !== '' && `${current} ${word}`.length > HELP_COLUMNS) {
      lines.push(current);
      current = `${indent}${word}`;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current].join('\n');
}
