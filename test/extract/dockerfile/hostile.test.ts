import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseImageReference } from '../../../src/domain/image-reference.ts';
import { LineIndex } from '../../../src/domain/source-span.ts';
import { extractCounted, extractDockerfile } from '../../../src/extract/dockerfile/extract.ts';
import type { FileExtraction } from '../../../src/extract/format.ts';
import { WorkBudget } from '../../../src/extract/work-budget.ts';

const CORPUS = join(import.meta.dirname, '..', '..', '..', 'bench', 'corpus');
const corpus = readdirSync(CORPUS)
  .sort()
  .map((name) => readFileSync(join(CORPUS, name), 'utf8'));
const D = `sha256:${'a'.repeat(64)}`;

/** What must hold whatever the text is. */
function holds(text: string): FileExtraction {
  const found = extractDockerfile({ path: 'Dockerfile', text });
  const lines = new LineIndex(text);
  expect(found.errors.filter((error) => error.code === 'internal')).toEqual([]);
  let last = -1;
  for (const site of found.sites) {
    expect(text.slice(site.start, site.end)).toBe(site.text);
    expect({ line: site.line, column: site.column }).toEqual(lines.at(site.start));
    expect(site.start).toBeGreaterThan(last);
    last = site.start;
    for (const slot of [...site.slots, ...(site.tagHint?.slots ?? [])]) {
      expect(text.slice(slot.start, slot.end)).toBe(slot.text);
    }
    if (site.skip !== null) continue;
    const [slot] = site.slots;
    if (slot.holds === 'digest') expect(slot.text).toBe(site.image.digest);
    else expect(parseImageReference(slot.text)).toEqual({ ok: true, value: site.image });
  }
  for (const skip of found.skipped) expect(text.includes(skip.text)).toBe(true);
  return found;
}

describe('properties', () => {
  const scrap = fc.constantFrom(
    ...[
      'FROM ',
      'ARG ',
      'RUN ',
      'COPY --from=',
      'ONBUILD ',
      '--mount=from=',
      'ENV ',
      ' AS x',
      '\n',
      '\r\n',
      '\r',
      '\\\n',
    ],
    ...[
      '$',
      '${',
      '}',
      ':-',
      '#',
      '%%',
      '/',
      '"',
      "'",
      '\\',
      '`',
      '<<',
      '<<-EOF',
      'EOF\n',
      '# escape=`\n',
      '# syntax=',
      '\t',
    ],
    ...[
      '\ufeff',
      '\u00a0',
      '🐳',
      '\u0000',
      'A',
      'IMAGE',
      '=',
      'alpine:3',
      `@${D}`,
      D,
      'scratch',
      'x',
      ' ',
      '--',
      ',',
    ],
  );

  it('extraction of random scraps never fails, and its spans are true', () => {
    const text = fc.array(scrap, { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (one) => void holds(one)),
      { numRuns: 1500 },
    );
  });

  it('extraction of damaged real files never fails, and its spans are true', () => {
    const mutation = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(6),
      put: scrap,
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...corpus),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        (text, mutations) => {
          let damaged = text;
          for (const { at, cut, put } of mutations) {
            const offset = Math.floor(at * damaged.length);
            damaged = damaged.slice(0, offset) + put + damaged.slice(offset + cut);
          }
          holds(damaged);
        },
      ),
      { numRuns: 800 },
    );
  });

  it('a written digest is found again where it was written, and nothing else moves', () => {
    const digest = `sha256:${'c'.repeat(64)}`;
    fc.assert(
      fc.property(fc.constantFrom(...corpus), fc.nat(20), (text, pick) => {
        const { sites } = holds(text);
        const open = sites.filter((site) => site.skip === null);
        const site = open[pick % open.length];
        if (site === undefined) return;
        const [slot] = site.slots;
        const written = slot.holds === 'digest' ? digest : `${slot.text.split('@')[0]}@${digest}`;
        const after = holds(text.slice(0, slot.start) + written + text.slice(slot.end)).sites;
        expect(
          after.map((one) =>
            one.line === site.line && one.column === site.column ? digest : one.image.digest,
          ),
        ).toEqual(sites.map((one) => (one === site ? digest : one.image.digest)));
      }),
      { numRuns: 60 },
    );
  });
});

describe('hostile files', () => {
  const MIB = 1_048_576;
  it.each([
    ['one long line', `FROM alpine:3\nRUN ${'x'.repeat(MIB - 100)}`],
    ['one long reference', `FROM alpine:3\nFROM ${'x'.repeat(MIB - 100)}`],
    ['many continuations', `FROM alpine:3\nRUN --mount=from=a:1 \\\n${'x \\\n'.repeat(200_000)}`],
    ['many mounts', `FROM alpine:3\nRUN ${'--mount=from=a:1 '.repeat(40_000)}x`],
    ['one mount of many fields', `FROM alpine:3\nRUN --mount=${'a=b,'.repeat(200_000)}from=a:1 x`],
    [
      'one mount of many quoted sources',
      `FROM alpine:3\nRUN --mount=${'from="a"\'b\','.repeat(80_000)}x=y z`,
    ],
    ['many flags', `FROM alpine:3\nRUN ${'--a="b" '.repeat(100_000)}x`],
    ['many quotes', `FROM alpine:3\nFROM ${'""'.repeat(500_000)}`],
    ['many variables', `FROM alpine:3\nFROM ${'$a'.repeat(500_000)}`],
    ['deep substitutions', `FROM alpine:3\nFROM ${'${a:-'.repeat(150_000)}`],
    ['deep substitutions by a heredoc', `FROM alpine:3\nRUN <<E ${'${a:-'.repeat(150_000)}`],
    ['many heredocs', `FROM alpine:3\nRUN ${'<<a '.repeat(200_000)}\n`],
    ['many stages', `FROM alpine:3\n${'FROM a AS a\n'.repeat(80_000)}`],
    ['many ARGs', `${'ARG A=$A\n'.repeat(100_000)}FROM alpine:3`],
    ['an ARG of many words', `ARG ${'A=1 '.repeat(200_000)}\nFROM alpine:3`],
    ['many digests of one line', `${`ARG A_IMAGE=a@${D}\n`.repeat(10_000)}FROM alpine:3`],
    ['many environments', `FROM alpine:3\n${'ENV A=1\nARG B=$A\n'.repeat(40_000)}`],
    ['many carriage returns', `FROM alpine:3\n${'\r'.repeat(MIB - 100)}`],
    ['many empty lines', `${'\n'.repeat(MIB - 100)}FROM alpine:3`],
    ['many comments', `${'#\n'.repeat(500_000)}FROM alpine:3`],
    ['many directives', `${'# escape=\\\n'.repeat(80_000)}FROM alpine:3`],
    ['NUL characters', `FROM alpine:3\n${'\u0000'.repeat(100_000)}`],
  ])('%s', (_, text) => {
    expect(text.length).toBeLessThanOrEqual(MIB);
    const budget = new WorkBudget(4_000_000);
    const found = extractCounted({ path: 'Dockerfile', text }, budget);
    expect(found.errors.filter((error) => error.code === 'internal')).toEqual([]);
    expect(found.sites.some((site) => site.image.text === 'alpine:3')).toBe(true);
    // Past the budget every word stops at its first step: a few more for each.
    expect(budget.spent).toBeLessThan(12_000_000);
  });

  it('stops ARGs that double each other, and says so', () => {
    const args = Array.from({ length: 60 }, (_, i) => `ARG A${i + 1}=$A${i}$A${i}`);
    const text = ['ARG A0=lol', ...args, 'FROM $A60', 'FROM alpine:3'].join('\n');
    const found = holds(text);
    expect(found.sites.map((site) => site.image.text)).toEqual(['alpine:3']);
    expect(found.skipped[0]).toMatchObject({ reason: 'unresolvable-variable', text: '$A60' });
  });

  it('says that substitutions are nested too deeply', () => {
    const text = `FROM ${'${a:-'.repeat(100)}alpine:3${'}'.repeat(100)}`;
    expect(holds(text).skipped[0]).toMatchObject({ reason: 'unresolvable-variable' });
    expect(holds(text).skipped[0]?.detail).toContain('nested deeper');
  });

  it('spends in proportion to the text', () => {
    const spent = (count: number): number => {
      const budget = new WorkBudget(4_000_000);
      const lines = Array.from(
        { length: count },
        (_, i) => `ARG V${i}=1.${i}\nFROM node:\${V${i}}-alpine@${D}`,
      );
      extractCounted({ path: 'Dockerfile', text: lines.join('\n') }, budget);
      return budget.spent;
    };
    expect(spent(2000)).toBeLessThan(spent(1000) * 2.3);
  });
});
