import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import {
  codeSpan,
  details,
  escapeHtml,
  escapeMarkdown,
  fitSections,
  link,
  type Section,
  splitSections,
  table,
} from '../../src/report/markdown.ts';

/** The text a browser shows for HTML, without the zero-width spaces. */
function shown(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&amp;', '&')
    .replaceAll('\u200b', '');
}

const HOSTILE = [
  '@octocat please look',
  'fixes #123 and GH-7 and owner/repo#1, gh-99',
  '<img src=x onerror=alert(1)><script>alert(1)</script>',
  '![x](https://evil.example/x.png) [click](javascript:alert(1))',
  '`code` **bold** _em_ ~~gone~~ a|b $x$',
  '# heading',
  '- item',
  '1. item',
  '=====',
  'see https://evil.example/a and www.evil.example and mailto:a@b.c',
  '&lt;b&gt; &amp; &#64;octocat',
  'back\\slash \\@octocat',
  '> quote',
  '[ref]: https://evil.example',
];

describe('escapeMarkdown', () => {
  it.each(HOSTILE)('makes %j inert and keeps what is shown', (text) => {
    const markdown = escapeMarkdown(text);
    const html = marked.parse(markdown, { async: false, gfm: true });
    expect(html).not.toMatch(/<(?!\/?p>)/);
    expect(shown(html).trim()).toBe(text);
    const rendered = html.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
    expect(rendered).not.toMatch(/@[A-Za-z0-9]/);
    expect(rendered).not.toMatch(/#\d/);
    expect(rendered).not.toMatch(/gh-\d/i);
  });

  it('is one line without control, bidirectional and zero-width characters', () => {
    expect(escapeMarkdown('a\r\nb\u2028c\u0000\u001b[31m\u202e\u2066\u200bd\ud800')).toBe(
      'a b c&#91;31md\ufffd',
    );
  });

  it('cuts at characters of the plain text', () => {
    expect(escapeMarkdown('a&b&c&d', 4)).toBe('a&amp;b…');
    expect(escapeMarkdown('abcd', 4)).toBe('abcd');
    expect(escapeMarkdown('ab💥💥💥', 4)).toBe('ab💥…');
  });

  it('never leaves HTML, a mention or a reference, whatever comes in', () => {
    const nasty = fc.string({ unit: fc.constantFrom(...'@#<>&;[]()!`*_~|\\ \n1aGgH-h:/w.$=+'.split('')) });
    fc.assert(
      fc.property(nasty, (text) => {
        const html = marked.parse(escapeMarkdown(text), { async: false, gfm: true });
        expect(html).not.toMatch(/<(?!\/?p>)/);
        const rendered = html.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
        expect(rendered).not.toMatch(/@[A-Za-z0-9]|#\d|gh-\d/i);
      }),
      { numRuns: 500 },
    );
  });
});

describe('codeSpan and link', () => {
  it.each([
    ['python:3.11', '`python:3.11`'],
    ['', ''],
    ['a`b', '<code>a\\`b</code>'],
    ['</details>', '<code>&lt;/details&gt;</code>'],
    ['sh -c "a | b"', '<code>sh -c "a &#124; b"</code>'],
  ])('%j as code is %s', (text, markdown) => {
    expect(codeSpan(text)).toBe(markdown);
  });

  it.each([
    ['CVE-2026-1', 'https://a.example/x_(y)', '[CVE-2026-1](https://a.example/x%5F%28y%29)'],
    ['a]b', 'http://a.example', '[a&#93;b](http://a.example/)'],
    ['x', 'javascript:alert(1)', 'x'],
    ['x', 'https://user:secret@a.example/', 'x'],
    ['x', '/relative', 'x'],
    ['x', 'https://a.example/ "title" onload=1', '[x](https://a.example/%20%22title%22%20onload=1)'],
    ['i', 'https://github.com/a/b/issues/1', '[i](https://redirect.github.com/a/b/issues/1)'],
    ['c', 'https://github.com/a/b/compare/1...2', '[c](https://github.com/a/b/compare/1...2)'],
  ])('link(%j, %j)', (text, url, markdown) => {
    expect(link(text, url)).toBe(markdown);
  });
});

describe('table and details', () => {
  it('keeps the number of cells and one line a row', () => {
    const markdown = table(['a', 'b'], [[escapeMarkdown('x|y\nz'), codeSpan('p|q')], ['only']]);
    const html = marked.parse(markdown, { async: false, gfm: true });
    expect(html.match(/<td>/g)).toHaveLength(4);
    expect(table(['a'], [])).toBe('');
  });

  it('escapes the summary and keeps the body as Markdown', () => {
    expect(details('<b> @you', 'x')).toBe(
      '<details><summary>&lt;b&gt; @&#8203;you</summary>\n\nx\n\n</details>',
    );
    expect(escapeHtml('"#1" & <')).toBe('&quot;#&#8203;1&quot; &amp; &lt;');
  });
});

const section = fc.record({
  head: fc.string({ unit: fc.constantFrom('h', 'e', ' '), maxLength: 40 }).map((s) => `H${s.trim()}`),
  rows: fc.array(
    fc.nat({ max: 60 }).map((n) => `|${'x'.repeat(n)}|`),
    { maxLength: 30 },
  ),
  foot: fc.constantFrom('', 'FOOT'),
});

describe('fitSections and splitSections', () => {
  it('never exceed the limit and never cut a row', () => {
    fc.assert(
      fc.property(
        fc.array(section, { maxLength: 6 }),
        fc.integer({ min: 150, max: 900 }),
        (sections, limit) => {
          const rows = new Set(sections.flatMap((s: Section) => s.rows));
          const one = fitSections(sections, limit);
          const many = splitSections(sections, limit);
          for (const text of [one, ...many]) {
            expect(text.length).toBeLessThanOrEqual(limit);
            for (const line of text.split('\n')) if (line.startsWith('|')) expect(rows).toContain(line);
          }
          const shownRows = many.flatMap((text) => text.split('\n')).filter((line) => line.startsWith('|'));
          expect(shownRows).toEqual(sections.flatMap((s: Section) => s.rows));
        },
      ),
    );
  });

  it('says how many rows were left out', () => {
    const rows = Array.from({ length: 50 }, (_, i) => `| row ${i} |`);
    const text = fitSections([{ head: 'Head', rows, foot: '' }], 200);
    expect(text).toMatch(/… \d+ more rows did not fit\.$/);
    expect(fitSections([{ head: 'Head', rows: ['| a |'], foot: '' }], 200)).toBe('Head\n| a |');
  });

  it('tells of a single row that is too long, and goes on', () => {
    const pieces = splitSections([{ head: 'H', rows: ['a', 'b'.repeat(300), 'c'], foot: '' }], 100);
    expect(pieces.join('\n')).toContain('… one row was too long to show.');
    expect(pieces.join('\n')).toContain('c');
  });
});
