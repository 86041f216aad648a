import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLedger } from '../../../src/plan/ledger/parse.ts';
import { renderLedger } from '../../../src/plan/ledger/render.ts';
import { ledgers } from '../arbitraries.ts';

const PATH = 'BASE_IMAGE_DIGESTS.md';
/** People's text: no table, fence or marker of ours by chance. */
const proses = fc.array(
  fc.constantFrom('# Title', 'Text', '', '  odd <b> ` text', '- item', 'ü', '\t', 'x'),
  {
    maxLength: 6,
  },
);

describe('parse and render', () => {
  it('give back every row of a new ledger', () => {
    fc.assert(
      fc.property(ledgers, (entries) => {
        const text = renderLedger(parseLedger(PATH, null), entries);
        expect(parseLedger(PATH, text).entries).toEqual(entries);
      }),
    );
  });

  it('give back every row, and every byte outside the markers', () => {
    const ends = fc.constantFrom('\n', '\r\n');
    const boms = fc.constantFrom('', '\ufeff');
    fc.assert(
      fc.property(ledgers, ledgers, proses, proses, ends, boms, (first, second, head, tail, end, bom) => {
        const people = bom + head.join(end);
        const appended = renderLedger(parseLedger(PATH, people), first);
        expect(appended.startsWith(people)).toBe(true);
        const text = appended + tail.join(end);
        const document = parseLedger(PATH, text);
        expect(document.entries).toEqual(first);
        const changed = renderLedger(document, second);
        expect(parseLedger(PATH, changed).entries).toEqual(second);
        const { block } = document;
        expect(block).not.toBeNull();
        expect(changed.startsWith(text.slice(0, block?.start))).toBe(true);
        expect(changed.endsWith(text.slice(block?.end))).toBe(true);
        if (end === '\r\n' && head.length > 1) expect(changed.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      }),
    );
  });

  it('change nothing where the rows are the same, however the table is laid out', () => {
    fc.assert(
      fc.property(ledgers, (entries) => {
        const text = renderLedger(parseLedger(PATH, null), entries).replaceAll(' | ', '   |  ');
        expect(renderLedger(parseLedger(PATH, text), entries)).toBe(text);
      }),
    );
  });
});
