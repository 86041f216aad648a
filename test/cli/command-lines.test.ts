import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { allOf } from '../../src/cli/command.ts';
import { commandLine, type Option } from '../../src/cli/command-line.ts';
import { commands } from '../../src/cli/commands.ts';
import { HELP_COLUMNS, renderHelp } from '../../src/cli/help.ts';
import { createHarness, type Harness } from './harness.ts';

let checkout: Harness;

beforeEach(() => {
  checkout = createHarness();
});

afterEach(() => checkout.remove());

const lines = allOf(commands).map(({ line }) => [line.name, line] as const);

/** A value that an option takes. */
function valueFor(option: Option): readonly string[] {
  if (option.type === 'flag') return [];
  if (option.type === 'choice') return [option.choices.at(-1) ?? ''];
  return option.type === 'number' ? [String(option.max)] : ['x'];
}

describe.each(lines)('pinwheel %s', (name, line) => {
  it('has help of 80 columns that names every option, its value and its default', async () => {
    const { code, stdout, stderr } = await checkout.run(...name.split(' '), '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(renderHelp(line));
    const [usage = '', ...rest] = stdout.split('\n\n');
    expect(usage).toContain(`Usage: pinwheel ${name}`);
    expect(stdout.split('\n').filter((row) => row.length > HELP_COLUMNS)).toEqual([]);
    const described = rest.join('\n\n');
    for (const [option, spec] of Object.entries(line.options)) {
      expect(usage).toMatch(new RegExp(`--${option}\\b`));
      expect(described).toMatch(new RegExp(`^  --${option}(?= |$)`, 'm'));
      if (spec.type !== 'flag') expect(described).toContain(`--${option} ${spec.value}`);
      if ('default' in spec) expect(described.replace(/\s+/g, ' ')).toContain(`(default: ${spec.default})`);
    }
    const written = [...stdout.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(([, option]) => option ?? '');
    const foreign = written.filter((option) => !(option in line.options));
    expect(foreign.filter((option) => !['json', 'help'].includes(option))).toEqual([]);
  });

  it('parses every option it names, and nothing else', () => {
    for (const [option, spec] of Object.entries(line.options)) {
      const parsed = parseArguments([`--${option}`, ...valueFor(spec)], line);
      expect(parsed.positionals).toEqual([]);
      if (spec.type !== 'flag') expect(() => parseArguments([`--${option}`], line)).toThrow(option);
      const misspelled = `--${option}x`;
      expect(() => parseArguments([misspelled], line)).toThrow(
        `unknown option ${misspelled}; did you mean --${option}? (--help lists them)`,
      );
    }
    expect(() => parseArguments(['--quite-another'], line)).toThrow('unknown option --quite-another');
    const tooMany = Array.from({ length: line.maxPositionals + 1 }, (_, i) => `word${i}`);
    expect(() => parseArguments(tooMany, line)).toThrow(`unexpected argument "word${line.maxPositionals}"`);
    for (const group of line.exclusive ?? []) {
      const [one = '', other = ''] = group;
      const both = [one, other].flatMap((option) => {
        const spec = line.options[option];
        return spec === undefined ? [] : [`--${option}`, ...valueFor(spec)];
      });
      expect(() => parseArguments(both, line)).toThrow(`--${one} and --${other} exclude each other`);
    }
  });

  it('completes exactly its options, in every shell', async () => {
    const own = Object.keys(line.options).map((option) => `--${option}`);
    const { stdout: bash } = await checkout.run('completion', 'bash');
    const ask = `COMP_WORDS=(pinwheel ${name} --); COMP_CWORD=$(($(wc -w <<< "pinwheel ${name} --") - 1)); _pinwheel; echo "\${COMPREPLY[*]}"`;
    const answer = execFileSync('bash', ['--norc', '-c', `${bash}\n${ask}`], { encoding: 'utf8' });
    expect(answer.trim().split(/\s+/).sort()).toEqual(['--help', ...own].sort());
    const start = name.includes(' ') ? `'${name}'` : `'${name} '*`;
    const { stdout: zsh } = await checkout.run('completion', 'zsh');
    const added = zsh.split('\n').find((row) => row.startsWith(`      ${start}) options+=(`));
    expect(added?.match(/--[a-z-]+/g) ?? []).toEqual(own);
    const { stdout: fish } = await checkout.run('completion', 'fish');
    const seen = name
      .split(' ')
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join('; and ');
    const offered = fish.split('\n').filter((row) => row.startsWith(`complete -c pinwheel -n '${seen}' -l `));
    expect(offered.map((row) => `--${/ -l ([a-z-]+)/.exec(row)?.[1]}`)).toEqual(own);
  });
});

it('has a line for each command, and a command for each line', () => {
  const folder = new URL('../../src/cli/command-lines/', import.meta.url);
  const parts = ['as-of', 'registries'];
  const files = readdirSync(folder).map((file) => file.replace('.ts', ''));
  expect(files.filter((file) => !parts.includes(file)).sort()).toEqual(
    lines.map(([name]) => name.replace(' ', '-')).sort(),
  );
});

describe('parseArguments', () => {
  const line = commandLine({
    name: 'try',
    summary: '',
    takes: '[DIR]',
    maxPositionals: 2,
    about: [],
    options: {
      only: { type: 'list', value: 'IMAGE', description: '' },
      file: { type: 'text', value: 'FILE', description: '' },
      flag: { type: 'flag', description: '' },
      how: { type: 'choice', value: 'HOW', choices: ['fast', 'well'], description: '' },
      way: { type: 'choice', value: 'WAY', choices: ['up', 'down'], default: 'down', description: '' },
      count: { type: 'number', value: 'N', min: 1, max: 10, default: 5, description: '' },
    },
    examples: [],
    exitCodes: '',
  });

  it.each([
    [[], { only: [], file: null, flag: false, how: null, way: 'down', count: 5, words: [] }],
    [['--only', 'a', 'b', './c'], { only: ['a', 'b'], words: ['./c'] }],
    [['--only', 'a', '--only=b', '--flag', 'c'], { only: ['a', 'b'], flag: true, words: ['c'] }],
    [['--file', 'a', '--file', 'b'], { file: 'b' }],
    [['--', '--flag'], { flag: false, words: ['--flag'] }],
    [['--how', 'well', '--way=up', '--count', '10'], { how: 'well', way: 'up', count: 10 }],
  ])('%j', (argv, expected) => {
    const parsed = parseArguments(argv, line);
    const { positionals: words } = parsed;
    const [how, way, count] = [parsed.choice('how'), parsed.choice('way'), parsed.number('count')];
    const only = parsed.values('only');
    const all = { only, file: parsed.value('file'), flag: parsed.flag('flag'), how, way, count, words };
    expect(all).toMatchObject(expected);
  });

  it.each([
    [['--only'], '--only needs at least one value'],
    [['--only', '--flag'], '--only needs at least one value'],
    [['--how', 'fine'], '--how fine: expected one of fast, well'],
    [['--count', '11'], '--count 11: expected a whole number from 1 to 10'],
    [['--count', '1e1'], '--count 1e1: expected a whole number from 1 to 10'],
    [['--flga'], 'unknown option --flga; did you mean --flag? (--help lists them)'],
    [['--flag=x'], 'flag'],
    [['a', 'b', 'c'], 'unexpected argument "c"'],
  ])('refuses %j: %s', (argv, message) => {
    expect(() => parseArguments(argv, line)).toThrow(message);
  });
});
