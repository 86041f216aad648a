import { describe, expect, it } from 'vitest';
import { parseLedger } from '../../../src/plan/ledger/parse.ts';
import { PlanError } from '../../../src/plan/plan.ts';

const PATH = 'docs/BASE_IMAGE_DIGESTS.md';
const A = `sha256:${'a'.repeat(64)}`;
const START = '<!-- pinwheel:ledger:start -->';
const END = '<!-- pinwheel:ledger:end -->';
const HEAD =
  '| Image | Tag | Digest | Kind and platforms | Published | First seen | Pinned on | Status | Used in |';
const DASHES = '|---|---|---|---|---|---|---|---|---|';
const row = (
  over: { image?: string; tag?: string; digest?: string; day?: string; status?: string; used?: string } = {},
) =>
  `| ${over.image ?? '`python`'} | ${over.tag ?? '`3.11`'} | ${over.digest ?? `\`${A}\``} | index: linux/amd64 | — | 2026-01-02 | ${over.day ?? '—'} | ${over.status ?? 'current'} | ${over.used ?? '`Dockerfile`'} |`;
const ledger = (...rows: string[]) =>
  ['# Ours', '', START, '', HEAD, DASHES, ...rows, '', END, '', 'after'].join('\n');

describe('a ledger in order', () => {
  it('is read', () => {
    const [entry] = parseLedger(PATH, ledger(row())).entries;
    expect(entry).toMatchObject({
      image: { registry: 'docker.io', repository: 'library/python', tag: '3.11' },
      digest: A,
      kind: 'index',
      platforms: ['linux/amd64'],
      published: null,
      firstSeen: '2026-01-02',
      usedIn: ['Dockerfile'],
    });
  });

  it.each([
    ['no rows', ledger()],
    ['nothing between the markers', `${START}\n${END}`],
    [
      'columns in another order and fewer of them',
      [START, '|digest|image|tag|', '|:-|-|-:|', `|${A}|python|3|`, END].join('\n'),
    ],
    ['markers in a code block', ['```', END, START, START, '```', ledger(row())].join('\n')],
    ['a conflict shown in a code block', ['~~~', '<<<<<<< ours', '~~~', ledger(row())].join('\n')],
    ['a heading underlined with seven signs', ['Title', '=======', ledger(row())].join('\n')],
    ['carriage returns alone', ledger(row()).replaceAll('\n', '\r')],
  ])('may have %s', (_, text) => {
    expect(parseLedger(PATH, text).block).not.toBeNull();
  });
});

describe('a damaged ledger', () => {
  it.each([
    ['the end marker missing', `# A\n${START}\n${HEAD}`, 2],
    ['the start marker missing', `# A\n\n${END}`, 3],
    ['the markers swapped', `${END}\n${START}`, 1],
    ['a second start', `${START}\n${START}\n${END}`, 2],
    ['a second end', `${START}\n${END}\n\n${END}`, 4],
    ['two blocks', `${ledger()}\n${ledger()}`, 13],
    ['text in the table', ledger(row(), 'hello'), 8],
    ['a cell missing', ledger(row().replace('| current ', '')), 7],
    ['a cell too many', ledger(`${row()} x |`), 7],
    ['a short digest', ledger(row({ digest: '`sha256:7a2e4c9f…`' })), 7],
    ['a digest in capitals', ledger(row({ digest: A.toUpperCase() })), 7],
    ['a day that is none', ledger(row({ day: '2026-02-30' })), 7],
    ['a day in words', ledger(row({ day: 'yesterday' })), 7],
    ['a status of its own', ledger(row({ status: 'fine' })), 7],
    ['an image that is none', ledger(row({ image: '`Py thon`' })), 7],
    ['a tag that is none', ledger(row({ tag: '`a b`' })), 7],
    ['a tag inside the image', ledger(row({ image: '`python:3`' })), 7],
    ['paths without backticks', ledger(row({ used: 'Dockerfile' })), 7],
    ['a path with a broken escape', ledger(row({ used: '`%GG`' })), 7],
    ['the same pin twice', ledger(row(), row()), 8],
    ['the same pin under an alias', ledger(row(), row({ image: '`docker.io/library/python`' })), 8],
    ['a conflict between the markers', ledger('<<<<<<< HEAD', row(), '=======', row(), '>>>>>>> b'), 7],
    ['a conflict around a marker', `<<<<<<< HEAD\n${ledger(row())}`, 1],
    ['a column of its own', `${START}\n| Image | Tag | Digest | Owner |\n|-|-|-|-|\n${END}`, 2],
    ['a column missing', `${START}\n| Image | Digest |\n|-|-|\n${END}`, 2],
    ['no dashes', `${START}\n${HEAD}\n${row()}\n${END}`, 3],
    ['too few dashes', `${START}\n| Image | Tag | Digest |\n|-|-|\n${END}`, 3],
    ['a head and nothing else', `${START}\n${HEAD}\n${END}`, 1],
    ['no table', `${START}\nhello\n${END}`, 2],
  ])('with %s is refused, with the line', (_, text, line) => {
    for (const ended of [text, `\ufeff${text.replaceAll('\n', '\r\n')}`]) {
      let thrown: unknown;
      try {
        parseLedger(PATH, ended);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(PlanError);
      expect(thrown).toMatchObject({
        code: 'ledger-damaged',
        message: expect.stringMatching(new RegExp(`^docs/BASE_IMAGE_DIGESTS\\.md:${line}: `)),
      });
    }
  });
});

// Linear work takes milliseconds here; quadratic work would run into the test's time limit.
it('takes time in proportion to hostile text', () => {
  const many = 200_000;
  for (const text of [
    '|'.repeat(many),
    '`'.repeat(many),
    `|image|digest|\n|-|-|\n|${'['.repeat(many)}|x|`,
    `|image|digest|\n|-|-|\n|python|${'<'.repeat(many)}|`,
    '\\|'.repeat(many),
    `${START}\n|${'-'.repeat(many)}`,
  ]) {
    try {
      parseLedger(PATH, text);
    } catch (error) {
      expect(error).toBeInstanceOf(PlanError);
    }
  }
});
