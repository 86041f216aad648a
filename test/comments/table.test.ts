import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ANSWERED_BY } from '../../src/comments/effects.ts';
import { parseComment } from '../../src/comments/parse.ts';
import { COMMANDS, helpText, rowOf } from '../../src/comments/table.ts';
import type { PullRequest } from '../../src/forge/types.ts';
import { codeSpan, table } from '../../src/report/markdown.ts';

const documentation = readFileSync(new URL('../../docs/github.md', import.meta.url), 'utf8');
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** A usage with every part filled in: `/rotate hold python for 30d because of it`. */
function spelled(usage: string): string {
  return usage
    .replace('IMAGE[:TAG]', 'python:3.11')
    .replace('IMAGE', 'python')
    .replace('because …', 'because of it')
    .replace(/[[\]]/g, '');
}

describe('the table of /rotate commands', () => {
  it('has one row a kind and a word', () => {
    const kinds = COMMANDS.map(({ kind }) => kind);
    const words = COMMANDS.flatMap(({ word }) => word ?? []);
    expect(new Set(kinds).size).toBe(kinds.length);
    expect(new Set(words).size).toBe(words.length);
  });

  it.each(COMMANDS.map((row) => [row.usage, row] as const))('%s is read as its row says', (usage, row) => {
    expect(parseComment(spelled(usage)).map(({ kind }) => kind)).toEqual([row.kind]);
    expect(parseComment(spelled(usage).toUpperCase().replace('PYTHON', 'python'))[0]?.kind).not.toBe(
      'unknown',
    );
  });

  it('is what the documentation shows', () => {
    expect(documentation).toContain(documentationTable());
  });

  it('is what the help shows, and the README names every word', () => {
    for (const { usage, word } of COMMANDS) {
      expect(helpText()).toContain(`\`${usage}\``);
      if (word !== null) expect(readme).toContain(`/rotate ${word}`);
    }
  });

  it('says of a place that a command is of no use there where it refuses there', () => {
    const pull = { number: 3, state: 'open' } as PullRequest;
    const places = {
      ours: { pull, ours: true },
      other: { pull, ours: false },
      elsewhere: { pull: null, ours: false },
    } as const;
    for (const { usage, kind, meaning } of COMMANDS) {
      const [command] = parseComment(spelled(usage));
      if (command === undefined) throw new Error(usage);
      for (const place of ['ours', 'other', 'elsewhere'] as const) {
        const effect = rowOf(kind).effect(command, places[place]);
        const isRefused = effect.kind === 'reply' && effect.failed;
        const isThere = typeof meaning === 'string' || meaning[place] !== null;
        expect([usage, place, isRefused]).toEqual([usage, place, !isThere]);
        if (effect.kind !== 'reply') expect(ANSWERED_BY).toHaveProperty(effect.kind);
      }
    }
  });
});

/** The table that the documentation shows: Markdown. */
function documentationTable(): string {
  const heads = ['command', 'on a Pinwheel pull request', 'on another pull request', 'elsewhere'];
  const rows = COMMANDS.map(({ usage, meaning }) => {
    const { ours, other, elsewhere } =
      typeof meaning === 'string' ? { ours: meaning, other: 'the same', elsewhere: 'the same' } : meaning;
    return [codeSpan(usage), ours, other ?? '–', elsewhere ?? '–'];
  });
  return table(heads, rows);
}
