import fc from 'fast-check';
import { marked, type Token } from 'marked';
import { describe, expect, it } from 'vitest';
import { parseComment } from '../../src/comments/parse.ts';
import type { RotateCommand } from '../../src/domain/rotate-command.ts';

const python = {
  registry: 'docker.io',
  repository: 'library/python',
  tag: null,
  digest: null,
  text: 'python',
};
const tagged = { ...python, tag: '3.11-slim', text: 'python:3.11-slim' };
const digest = `sha256:${'a'.repeat(64)}`;

describe('one command', () => {
  const cases: readonly (readonly [string, RotateCommand])[] = [
    ['/rotate', { kind: 'here' }],
    ['/rotate   ', { kind: 'here' }],
    ['  /rotate', { kind: 'here' }],
    ['/rotate all', { kind: 'all' }],
    ['/ROTATE All', { kind: 'all' }],
    ['/rotate\tall', { kind: 'all' }],
    ['/rotate rebase', { kind: 'rebase' }],
    ['/rotate status', { kind: 'status' }],
    ['/rotate help', { kind: 'help' }],
    ['/rotate python', { kind: 'image', image: python }],
    ['/rotate python:3.11-slim', { kind: 'image', image: tagged }],
    ['/rotate `python:3.11-slim`', { kind: 'image', image: tagged }],
    [
      '/rotate ghcr.io/acme/tool:v1',
      {
        kind: 'image',
        image: {
          registry: 'ghcr.io',
          repository: 'acme/tool',
          tag: 'v1',
          digest: null,
          text: 'ghcr.io/acme/tool:v1',
        },
      },
    ],
    ['/rotate hold python', { kind: 'hold', image: python, days: null, reason: null }],
    ['/rotate hold python for 30d', { kind: 'hold', image: python, days: 30, reason: null }],
    ['/rotate hold python for 2w', { kind: 'hold', image: python, days: 14, reason: null }],
    ['/rotate hold python for 12h', { kind: 'hold', image: python, days: 0.5, reason: null }],
    ['/rotate hold python for 30 days', { kind: 'hold', image: python, days: 30, reason: null }],
    ['/rotate hold python for 1 week because x', { kind: 'hold', image: python, days: 7, reason: 'x' }],
    [
      '/rotate hold python for 30d because  glibc 2.36 breaks us ',
      { kind: 'hold', image: python, days: 30, reason: 'glibc 2.36 breaks us' },
    ],
    ['/rotate hold python because for 30d', { kind: 'hold', image: python, days: null, reason: 'for 30d' }],
    ['/rotate hold python for 30d because', { kind: 'hold', image: python, days: 30, reason: null }],
    ['/rotate unhold python', { kind: 'unhold', image: python }],
    ['/rotate ignore', { kind: 'ignore', image: null, reason: null }],
    ['/rotate ignore this digest', { kind: 'ignore', image: null, reason: null }],
    ['/rotate ignore this', { kind: 'ignore', image: null, reason: null }],
    ['/rotate ignore because broken', { kind: 'ignore', image: null, reason: 'broken' }],
    ['/rotate ignore python because eol', { kind: 'ignore', image: python, reason: 'eol' }],
    [
      `/rotate ignore python@${digest}`,
      { kind: 'ignore', image: { ...python, digest, text: `python@${digest}` } as never, reason: null },
    ],
  ];
  it.each(cases)('%j', (text, expected) => {
    expect(parseComment(text)).toEqual([expected]);
  });

  it.each([
    ['/rotate al', '/rotate all', '"al" is not a command'],
    ['/rotate staus', '/rotate status', '"staus" is not a command'],
    ['/rotate hodl python', '/rotate hold', '"hodl" is not a command'],
    ['/rotate all.', '/rotate all', '"all." is not a command'],
    ['/rotate rebse', '/rotate rebase', 'not a command'],
    ['/rotate all now', '/rotate all', 'takes no arguments'],
    ['/rotate hold', '/rotate hold IMAGE [for 30d] [because …]', '"hold" needs an image'],
    [
      '/rotate hold Python',
      '/rotate hold IMAGE [for 30d] [because …]',
      '"Python" in "Python" must be lower case',
    ],
    ['/rotate unhold python:', '/rotate unhold IMAGE', 'needs an image: "" is not a tag'],
    ['/rotate python*', '/rotate help', '"python*" is a pattern; write one image'],
    ['/rotate ghcr.io/{a,b}/c', '/rotate help', 'is a pattern; write one image'],
    ['/rotate ignore pyth[io]n', '/rotate ignore [IMAGE] [because …]', 'is a pattern; write one image'],
    ['/rotate hold python for ever', '/rotate hold IMAGE [for 30d] [because …]', 'not "ever"'],
    ['/rotate hold python for 0d', '/rotate hold IMAGE [for 30d] [because …]', 'needs a duration'],
    ['/rotate hold python for 999999d', '/rotate hold IMAGE [for 30d] [because …]', 'needs a duration'],
    ['/rotate hold python 30d', '/rotate hold IMAGE [for 30d] [because …]', '"30d" is not expected here'],
    ['/rotate unhold', '/rotate unhold IMAGE', 'needs an image'],
    ['/rotate ignore that', '', ''],
    ['/rotate python node', '/rotate python', 'takes one image'],
    ['/rotate @everyone', '/rotate help', 'neither a command nor an image'],
    ['/rotate <b>', '/rotate help', 'neither a command nor an image'],
  ])('%j is not understood', (text, nearest, problem) => {
    const [command, ...rest] = parseComment(text);
    expect(rest).toEqual([]);
    if (nearest === '') return expect(command?.kind).toBe('ignore');
    expect(command).toMatchObject({ kind: 'unknown', nearest, text });
    expect(command?.kind === 'unknown' && command.problem).toContain(problem);
  });
});

describe('what does not trigger', () => {
  it.each([
    ['a word that goes on', '/rotated'],
    ['a path', '/rotate/all'],
    ['a hyphen', '/rotate-all'],
    ['not at the start of a line', 'please /rotate all'],
    ['a quotation', '> /rotate all'],
    ['a nested quotation', '> > /rotate all'],
    ['a quotation without blank', '>/rotate all'],
    ['a quoted fence', '> ```\n> /rotate all\n> ```'],
    ['a fence', '```\n/rotate all\n```'],
    ['a fence with a language', '```sh\n/rotate all\n```'],
    ['a tilde fence', '~~~\n/rotate all\n~~~'],
    ['a longer fence', '````\n```\n/rotate all\n```\n/rotate all\n````'],
    ['a fence never closed', 'hi\n```\n/rotate all'],
    ['a fence with the other mark inside', '```\n~~~\n/rotate all\n```'],
    ['a closing fence with text is none', '```\n``` x\n/rotate all'],
    ['a fence in a list', '- ```\n  /rotate all\n  ```'],
    ['a fence below a list item', '1. do\n   ```\n   /rotate all\n   ```'],
    ['indented code', '    /rotate all'],
    ['indented code by tab', '\t/rotate all'],
    ['a code span', '`/rotate all`'],
    ['a code span over lines', 'see `this\n/rotate all\nthat` please'],
    ['a double code span over lines', 'see ``a ` b\n/rotate all\nc`` d'],
    ['an HTML comment', '<!-- /rotate all -->'],
    ['an HTML comment over lines', '<!--\n/rotate all\n-->'],
    ['an HTML comment with a blank line', '<!--\n\n/rotate all\n\n-->'],
    ['an HTML comment never closed', '<!--\n/rotate all'],
    ['an HTML comment inside a paragraph', 'hi <!-- x\n/rotate all\n--> there'],
    ['a pre block', '<pre>\n/rotate all\n</pre>'],
    ['an HTML quotation', '<blockquote>\n\n/rotate all\n</blockquote>'],
    ['a pre block behind another tag', '<details><summary>log</summary><pre>\n/rotate all\n</pre></details>'],
    ['a processing instruction', '<? x\n/rotate all\n?>'],
    ['CDATA', '<![CDATA[\n/rotate all\n]]>'],
    ['a declaration', '<!DOCTYPE x\n/rotate all\n>'],
    ['CDATA inside a paragraph', 'hi <![CDATA[ x\n/rotate all\n]]> there'],
    ['a fence below a list item with a fence', '* ```\n```\n/rotate all'],
    ['a closing fence with a no-break space is none', '```\n```\u00a0\n/rotate all'],
    ['a code span below a thematic break', '`***\n***\n`\n/rotate all`'],
    ['a code span below a heading', '# a `\n`\n/rotate all`'],
    ['a code span below an underlined heading', 'a `\n===\n`\n/rotate all`'],
    ['a code span that a quotation opens', '> a `\n/rotate all\n`'],
    ['a list item', '- /rotate all'],
    ['a task', '- [ ] /rotate all'],
    ['nothing', ''],
    ['a zero-width blank in front', '\u200b/rotate all'],
  ])('%s', (_, text) => {
    expect(parseComment(text)).toEqual([]);
  });
});

describe('several lines', () => {
  it.each([
    ['text before and behind', 'Hi!\n/rotate all\nthanks', ['all']],
    ['Windows line ends', '/rotate all\r\n/rotate status\r\n', ['all', 'status']],
    ['old Mac line ends', '/rotate all\r/rotate status', ['all', 'status']],
    ['a byte order mark', '\u{feff}/rotate all', ['all']],
    ['behind a quotation', '> /rotate rebase\n\n/rotate all', ['all']],
    ['right below a quotation', '> /rotate rebase\n/rotate all', ['all']],
    ['behind a fence', '```\n/rotate rebase\n```\n/rotate all', ['all']],
    ['behind a fence of a quotation', '> ```\n/rotate all', ['all']],
    ['behind a fence of a list', '- ```\n  x\n/rotate all', ['all']],
    ['back-ticks that open nothing', 'a ` b\n/rotate all', ['all']],
    ['an escaped back-tick', 'a \\` b\n/rotate all\nc \\` d', ['all']],
    ['inline code that looks like a fence', '```x```\n/rotate all', ['all']],
    ['behind a fence that ends in a tab', '```\n\n```\t\n/rotate all', ['all']],
    ['behind a declaration', '<!DOCTYPE x>\n/rotate all', ['all']],
    ['behind a pre block in details', '<details><pre>x</pre>\n/rotate all', ['all']],
    ['behind a comment', '<!-- x -->\n/rotate all', ['all']],
    ['an open comment inside a paragraph', 'a <!-- b\n/rotate all', ['all']],
    ['in folded details', '<details>\n\n/rotate all\n</details>', ['all']],
    ['unknown ones too', '/rotate all\n/rotate hlep', ['all', 'unknown']],
  ])('%s', (_, text, kinds) => {
    expect(parseComment(text).map((command) => command.kind)).toEqual(kinds);
  });

  it('reads twenty and says so', () => {
    const commands = parseComment('/rotate all\n'.repeat(25));
    expect(commands).toHaveLength(21);
    expect(commands.at(-1)).toMatchObject({
      kind: 'unknown',
      problem: expect.stringContaining('20 commands'),
    });
  });
});

describe('properties', () => {
  const piece = fc.constantFrom(
    '```',
    '~~~',
    '````',
    '`',
    '``',
    '> ',
    '>',
    '- ',
    '1. ',
    '    ',
    '  ',
    '\t',
    '\n',
    '\n',
    '\n\n',
    '<!--',
    '-->',
    '<pre>',
    '</pre>',
    'text',
    '\\',
    ' ',
    '/rotate @',
    '\n/rotate @',
    '/rotate @\n',
    '* ',
    '# h\n',
    '***\n',
    '[a]: b',
  );
  const document = fc.array(piece, { maxLength: 40 }).map((pieces) => {
    let n = 0;
    return pieces.join('').replaceAll('@', () => `image${n++}`);
  });

  it('never reads what Markdown shows as code or comment', () => {
    fc.assert(
      fc.property(document, (text) => {
        // Where marked departs from CommonMark: a fence that a list item opens and the next line leaves.
        fc.pre(!/^\s*(?:[-*]|1\.)\s.*(?:```|~~~)/m.test(text));
        // marked keeps a fence open whose end has a tab behind it, where CommonMark closes it.
        const hidden = hiddenText(
          marked.lexer(text.replace(/[ \t]+$/gm, (blanks) => ' '.repeat(blanks.length))),
        );
        for (const command of parseComment(text)) {
          if (command.kind !== 'image') continue;
          const name = new RegExp(`${command.image.text}(?!\\d)`);
          expect(
            hidden.some((raw) => name.test(raw)),
            `${command.image.text} in ${JSON.stringify(text)}`,
          ).toBe(false);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('never throws and gives plain data', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), document), (text) => {
        const commands = parseComment(`/rotate ${text}`);
        expect(JSON.parse(JSON.stringify(commands))).toEqual(commands);
      }),
      { numRuns: 500 },
    );
  });

  it('reads back what it can spell', () => {
    const image = fc.constantFrom('python', 'ghcr.io/a/b:1', 'localhost:5000/x');
    fc.assert(
      fc.property(image, fc.integer({ min: 1, max: 3660 }), (text, days) => {
        expect(parseComment(`/rotate hold ${text} for ${days}d because of "it"`)).toMatchObject([
          { kind: 'hold', days, reason: 'of "it"', image: { text } },
        ]);
      }),
    );
  });

  it.each([
    ['back-ticks of growing length', Array.from({ length: 360 }, (_, i) => '`'.repeat(i + 1)).join(' ')],
    ['open comments', 'a <!-- '.repeat(37_000)],
    ['open comments, each in a paragraph', 'a\nb <!--\n\n'.repeat(6000)],
    ['tags', '<pre></pre>'.repeat(23_000)],
    ['open CDATA and instructions', 'a <![CDATA[ <? <!x '.repeat(13_000)],
    ['list markers', '- '.repeat(131_000)],
    ['quotations', '>'.repeat(262_000)],
    ['back-ticks', '`'.repeat(262_000)],
    ['back-ticks apart', 'x` '.repeat(87_000)],
    ['blanks', `/rotate ${' '.repeat(262_000)}x`],
    ['back-ticks in an image', `/rotate ${'`'.repeat(200_000)}x${'`'.repeat(50_000)}y`],
    ['a long word', `/rotate ${'a'.repeat(262_000)}`],
    ['empty lines', '\n'.repeat(262_000)],
    ['commands in one paragraph with spans', 'a `b\n/rotate all\nc` '.repeat(13_000)],
  ])(
    'hostile: %s end at once',
    (_, text) => {
      expect(parseComment(text).length).toBeLessThanOrEqual(21);
    },
    1000,
  );
});

function hiddenText(tokens: readonly Token[]): readonly string[] {
  return tokens.flatMap((token) => {
    if (token.type === 'code' || token.type === 'codespan') return [token.raw];
    if (token.type === 'html')
      return token.raw.startsWith('<!--') || token.raw.startsWith('<pre') ? [token.raw] : [];
    const children = 'tokens' in token && Array.isArray(token.tokens) ? token.tokens : [];
    const items = token.type === 'list' && Array.isArray(token.items) ? (token.items as Token[]) : [];
    return hiddenText([...children, ...items]);
  });
}
