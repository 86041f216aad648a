import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toDigest } from '../../../src/domain/digest.ts';
import { isoDate } from '../../../src/domain/ledger-entry.ts';
import { adoptTables, ledgerTag } from '../../../src/plan/ledger/adopt.ts';
import { nextLedger } from '../../../src/plan/ledger/next.ts';
import { parseLedger } from '../../../src/plan/ledger/parse.ts';
import { renderLedger } from '../../../src/plan/ledger/render.ts';

const A = toDigest(`sha256:${'a'.repeat(64)}`);
const B = toDigest(`sha256:${'b'.repeat(64)}`);
const PYTHON = { registry: 'docker.io', repository: 'library/python', tag: '3.11' };
const STATIC = { registry: 'gcr.io', repository: 'distroless/static', tag: 'nonroot' };
const PINS = [
  { image: PYTHON, digest: A },
  { image: STATIC, digest: B },
];
const TODAY = isoDate(new Date('2026-11-20'));

function adopt(text: string) {
  const document = parseLedger('L.md', text);
  const adoption = adoptTables(document, PINS);
  const unknown = { moved: false, shape: null, published: null, firstSeen: null, pinnedOn: null };
  const pins = PINS.map((pin) => ({
    ...pin,
    ...unknown,
    status: 'fresh' as const,
    stopped: null,
    usedIn: ['Dockerfile'],
  }));
  const entries = nextLedger(adoption.entries, pins, TODAY);
  return { adoption, document, entries, after: renderLedger(document, entries, adoption) };
}

function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/ledger/adopt/${name}`, import.meta.url), 'utf8');
}

describe.each(['simple', 'notes'])('the hand-written ledger %s', (name) => {
  it.each(['\n', '\r\n'])('becomes what the fixture says (line end %j)', async (end) => {
    const { after, adoption } = adopt(fixture(`${name}.before.md`).replaceAll('\n', end));
    if (end === '\r\n') {
      expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    }
    const shown = `${after.replaceAll('\r\n', '\n')}${adoption.notes.map((note) => `note: ${note}\n`).join('')}`;
    await expect(shown).toMatchFileSnapshot(`../../fixtures/ledger/adopt/${name}.after.md`);
  });

  it('is stable afterwards', () => {
    const { after, entries } = adopt(fixture(`${name}.before.md`));
    const again = parseLedger('L.md', after);
    expect(again.entries).toEqual(entries);
    expect(renderLedger(again, entries)).toBe(after);
  });
});

describe('rows', () => {
  const table = (image: string, tag: string, digest: string, date = '2026-01-31') =>
    `| Image | Tag | Digest | Pinned on |\n|---|---|---|---|\n| ${image} | ${tag} | ${digest} | ${date} |\n`;

  it.each([
    ['a short digest with an ellipsis', table('python', '3.11', '`sha256:aaaaaaaa…`')],
    ['a whole one', table('python', '3.11', A)],
    ['a bare one', table('python', '3.11', 'aaaaaaa')],
    ['a link', table('[`python`](https://x)', '`3.11`', '[`sha256:aaaaaaaaaaaa`](https://y)')],
    ['the canonical name', table('docker.io/library/python', '3.11', 'sha256:aaaaaaaa')],
    ['a capital', table('Python', '3.11', 'sha256:aaaaaaaa')],
    ['the tag in the image', table('`python:3.11`', '', 'sha256:aaaaaaaa')],
    ['the whole reference in the image', table(`python:3.11@${A}`, '', A)],
    ['no tag at all', table('python', '—', 'sha256:aaaaaaaa')],
    ['a date in words', table('python', '3.11', 'sha256:aaaaaaaa', '31 January 2026')],
  ])('with %s are adopted', (_, text) => {
    const { adoption, after } = adopt(text);
    expect(adoption.entries).toMatchObject([{ image: PYTHON, digest: A, pinnedOn: '2026-01-31' }]);
    expect(adoption.notes).toEqual([]);
    expect(after.match(/python/g)).toHaveLength(1);
  });

  it.each([
    ['another tag', table('python', '3.12', 'sha256:aaaaaaaa')],
    ['another digest', table('python', '3.11', 'sha256:aaaaaaab')],
    ['another end of the digest', table('python', '3.11', 'sha256:aaaaaaaa…bbbb')],
    ['another algorithm', table('python', '3.11', 'sha512:aaaaaaaa')],
    ['too few digits', table('python', '3.11', 'sha256:aaaaaa')],
    ['no image', table('the python one', '3.11', 'sha256:aaaaaaaa')],
  ])('with %s stay as they are and are reported', (_, text) => {
    const { adoption, after } = adopt(text);
    expect(adoption.entries).toEqual([]);
    expect(adoption.notes).toHaveLength(1);
    expect(adoption.notes[0]).toMatch(/^L\.md:3: /);
    expect(after.endsWith(`\n\n${text}`)).toBe(true);
  });

  it('of other tables and in code blocks are people’s text', () => {
    const text = `| Name | Owner |\n|---|---|\n| python | Ann |\n\n\`\`\`\n${table('python', '3.11', 'aaaaaaaa')}\`\`\`\n`;
    const { adoption, after } = adopt(text);
    expect(adoption.entries).toEqual([]);
    expect(after.startsWith(text)).toBe(true);
  });
});

describe('the tag of a digest', () => {
  it.each([
    ['in a hand-written row', '| Image | Tag | Digest |\n|-|-|-|\n| python | 3.11 | aaaaaaa |', '3.11'],
    [
      'under a head with a remark',
      '| Image | Tag | Digest (short) |\n|-|-|-|\n| python | 3.11 | aaaaaaa |',
      '3.11',
    ],
    ['in the image cell', '| Image | Digest |\n|-|-|\n| python:3 | aaaaaaa |', '3'],
    ['in no row', '| Image | Tag | Digest |\n|-|-|-|\n| node | 3.11 | aaaaaaa |', null],
    [
      'in rows that disagree',
      '| Image | Tag | Digest |\n|-|-|-|\n| python | 3 | aaaaaaa |\n| python | 4 | aaaaaaa |',
      null,
    ],
  ])('%s', (_, text, tag) => {
    expect(ledgerTag(parseLedger('L.md', text), PYTHON, A)).toBe(tag);
  });

  it('in the ledger’s own rows', () => {
    const { after } = adopt('');
    expect(ledgerTag(parseLedger('L.md', after), STATIC, B)).toBe('nonroot');
    expect(ledgerTag(parseLedger('L.md', after), STATIC, A)).toBeNull();
  });
});
