import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRepositoryConfig } from '../../src/config/repository.ts';
import { addEntry, removeEntries } from '../../src/config/settings-edit.ts';

const hold = { image: 'python', until: '2026-12-20', reason: 'it "breaks": badly', by: 'mona' };
const ITEM = '- image: python\n    until: 2026-12-20\n    reason: "it \\"breaks\\": badly"\n    by: "mona"\n';

describe('addEntry', () => {
  it.each([
    ['an empty file', '', `holds:\n  ${ITEM}`],
    ['a file of comments', '# nothing yet\n', `# nothing yet\nholds:\n  ${ITEM}`],
    ['a file without the list', 'dashboard: false # quiet\n', `dashboard: false # quiet\nholds:\n  ${ITEM}`],
    ['a file without a last line end', 'dashboard: false', `dashboard: false\nholds:\n  ${ITEM}`],
    ['an empty list', 'holds: []\npin: true\n', `holds:\n  ${ITEM.trimEnd()}\npin: true\n`],
    ['a key without value', 'holds:\npin: true\n', `holds:\n  ${ITEM.trimEnd()}\npin: true\n`],
    [
      'a list with entries and comments',
      'holds:\n  # for the migration\n  - image: node # mine\n    until: 2026-12-01\npin: true\n',
      `holds:\n  # for the migration\n  ${ITEM}  - image: node # mine\n    until: 2026-12-01\npin: true\n`,
    ],
  ])('in %s', (_, before, after) => {
    expect(addEntry(before, 'holds', hold)).toBe(after);
  });

  it('keeps CRLF', () => {
    const after = addEntry('pin: true\r\n', 'holds', { image: 'python' });
    expect(after).toBe('pin: true\r\nholds:\r\n  - image: python\r\n');
  });

  it('replaces an entry of the same image', () => {
    const before = 'holds:\n  - image: python\n    until: 2026-01-01\n  - image: node\n';
    const after = addEntry(before, 'holds', { image: 'python', until: '2026-12-20' });
    expect(after).toBe('holds:\n  - image: python\n    until: 2026-12-20\n  - image: node\n');
  });

  it('two digests of one image are two entries', () => {
    const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
    const one = addEntry('', 'ignores', { image: 'python:3.11', digest: digest('a') });
    const two = addEntry(one ?? '', 'ignores', { image: 'python:3.11', digest: digest('b') });
    expect(two).toContain(digest('a'));
    expect(two).toContain(digest('b'));
  });

  it.each(['holds: [', '{holds: []}', '- a\n- b\n', 'holds: 5\n'])('gives %j up', (text) => {
    expect(addEntry(text, 'holds', hold)).toBeNull();
  });

  it('takes any reason a person may write, and nothing else changes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (reason) => {
        const before = '# top\npin: true\n';
        const after = addEntry(before, 'holds', { image: 'python', reason: reason.toWellFormed() });
        if (after === null) return;
        expect(after.startsWith(before)).toBe(true);
        const parsed = parseRepositoryConfig(after, 'x');
        expect(parsed.ok && parsed.value.written['holds']).toEqual([
          { image: 'python', reason: reason.toWellFormed() },
        ]);
      }),
    );
  });
});

describe('removeEntries', () => {
  const python = (entry: { image: string }): boolean => entry.image === 'python';

  it.each([
    [
      'one of two',
      'holds:\n  - image: python\n    reason: x\n  - image: node # stays\npin: true\n',
      'holds:\n  - image: node # stays\npin: true\n',
      1,
    ],
    ['the only one', 'pin: true\nholds:\n  - image: python\nforks: true\n', 'pin: true\nforks: true\n', 1],
    ['none', 'holds:\n  - image: node\n', 'holds:\n  - image: node\n', 0],
    ['no list', 'pin: true\n', 'pin: true\n', 0],
  ])('%s', (_, before, text, removed) => {
    expect(removeEntries(before, 'holds', python)).toEqual({ text, removed });
  });

  it('undoes what was added', () => {
    const before = '# top\npin: true\n';
    const added = addEntry(before, 'holds', hold) ?? '';
    expect(removeEntries(added, 'holds', python)).toEqual({ text: before, removed: 1 });
  });
});
