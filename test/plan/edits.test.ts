import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toDigest } from '../../src/domain/digest.ts';
import { isoDate } from '../../src/domain/ledger-entry.ts';
import type { Site, Slot } from '../../src/domain/site.ts';
import { applyEdits, siteEdits } from '../../src/plan/edits.ts';
import { decodeText, encodeText } from '../../src/plan/encoding.ts';
import type { Edit } from '../../src/plan/plan.ts';
import { toImageReference } from '../support/image-reference.ts';

const A = toDigest(`sha256:${'a'.repeat(64)}`);
const B = toDigest(`sha512:${'b'.repeat(128)}`);
const TODAY = isoDate(new Date('2026-11-20T23:59:59Z'));

function site(
  image: string,
  slots: readonly [Slot['holds'], string][],
  hint: readonly [Slot['holds'], string][] = [],
): Site {
  let at = 0;
  const place = ([holds, text]: readonly [Slot['holds'], string]): Slot => {
    const start = at;
    at += text.length + 1;
    return { holds, start, end: start + text.length, text };
  };
  const [first, ...rest] = slots.map(place);
  if (first === undefined) throw new RangeError('no slot');
  return {
    file: 'f',
    line: 1,
    column: 1,
    format: 'dockerfile',
    kind: 'from',
    name: null,
    text: first.text,
    start: first.start,
    end: first.end,
    image: toImageReference(image),
    slots: [first, ...rest],
    skip: null,
    tagHint:
      hint.length === 0 ? null : { image: toImageReference('debian:bookworm-slim'), slots: hint.map(place) },
    pin: null,
  };
}

describe('siteEdits', () => {
  it.each([
    ['a whole reference', site(`python:3@${A}`, [['reference', `python:3@${A}`]]), '3', [`python:3@${B}`]],
    [
      'the user’s spelling',
      site(`docker.io/python:3@${A}`, [['reference', `docker.io/python:3@${A}`]]),
      '3',
      [`docker.io/python:3@${B}`],
    ],
    [
      'the digest of a twin, whatever the tag',
      { ...site(`python:3@${A}`, [['digest', A]]), twin: true as const },
      '4',
      [B],
    ],
    ['a first pin', site('python:3', [['reference', 'python:3']]), '3', [`python:3@${B}`]],
    [
      'a first pin without a tag',
      site('[::1]:5000/a', [['reference', '[::1]:5000/a']]),
      'latest',
      [`[::1]:5000/a:latest@${B}`],
    ],
    ['another tag', site(`python:3@${A}`, [['reference', `python:3@${A}`]]), '4', [`python:4@${B}`]],
    ['a digest alone', site(`python:3@${A}`, [['digest', A]]), '3', [B]],
    ['an empty digest', site('python:3', [['digest', '']]), '3', [B]],
    [
      'tag and digest apart',
      site(`python:3@${A}`, [
        ['digest', A],
        ['tag', '3'],
      ]),
      '4',
      [B, '4'],
    ],
    ['a tag that carries its digest', site('python:3', [['tag-and-digest', '3']]), '3', [`3@${B}`]],
    [
      'a comment’s tag and date',
      site(
        `debian@${A}`,
        [['reference', `debian@${A}`]],
        [
          ['tag', 'bookworm-slim'],
          ['date', '2026-01-31'],
        ],
      ),
      'trixie-slim',
      [`debian@${B}`, 'trixie-slim', '2026-11-20'],
    ],
  ] as const)('writes %s', (_, given, toTag, replacements) => {
    const edits = siteEdits(given, B, toTag, TODAY);
    expect(edits.map((edit) => edit.replacement)).toEqual(replacements);
    for (const edit of edits) expect(edit.end - edit.start).toBe(edit.expected.length);
  });

  it.each([
    ['same digest and tag', site(`python:3@${A}`, [['reference', `python:3@${A}`]]), '3'],
    [
      'same digest under a comment',
      site(`debian@${A}`, [['reference', `debian@${A}`]], [['date', '2026-01-31']]),
      'bookworm-slim',
    ],
  ] as const)('writes nothing for the %s', (_, given, toTag) => {
    expect(siteEdits(given, A, toTag, TODAY)).toEqual([]);
  });

  it.each([
    ['a new tag where only the digest stands', site(`python:3@${A}`, [['digest', A]]), '4'],
    ['a digest where only a tag stands', site('python:3', [['tag', '3']]), '3'],
    ['a reference that is none', site('python:3', [['reference', '${X}:3']]), '3'],
  ] as const)('refuses %s', (_, given, toTag) => {
    expect(() => siteEdits(given, B, toTag, TODAY)).toThrow(
      expect.objectContaining({ code: 'unwritable-site' }),
    );
  });
});

const edit = (start: number, expected: string, replacement: string): Edit => ({
  path: 'f',
  start,
  end: start + expected.length,
  expected,
  replacement,
});

describe('applyEdits', () => {
  it.each([
    ['nothing', [], 'abcdef'],
    ['one', [edit(1, 'b', 'XYZ')], 'aXYZcdef'],
    ['neighbours in any order', [edit(2, 'cd', ''), edit(0, 'ab', 'Q')], 'Qef'],
    ['the same one twice', [edit(1, 'b', 'X'), edit(1, 'b', 'X')], 'aXcdef'],
    ['insertions', [edit(6, '', '!'), edit(0, '', '>')], '>abcdef!'],
  ])('applies %s', (_, edits, expected) => {
    expect(applyEdits('abcdef', edits)).toBe(expected);
  });

  it.each([
    ['another text', [edit(0, 'b', 'X')], 'expected-differs'],
    ['a place behind the end', [edit(6, 'g', 'X')], 'expected-differs'],
    ['overlapping places', [edit(0, 'abc', 'X'), edit(2, 'c', 'Y')], 'overlapping-edits'],
    ['two texts for one place', [edit(0, 'a', 'X'), edit(0, 'a', 'Y')], 'overlapping-edits'],
    ['two insertions at one place', [edit(0, '', 'X'), edit(0, '', 'Y')], 'overlapping-edits'],
    ['a place inside another', [edit(0, 'abcd', 'X'), edit(1, 'b', 'Y')], 'overlapping-edits'],
    ['a place before the start', [{ ...edit(0, 'f', 'X'), start: -1, end: 0 }], 'overlapping-edits'],
  ])('refuses %s', (_, edits, code) => {
    expect(() => applyEdits('abcdef', edits)).toThrow(expect.objectContaining({ code }));
  });

  it('never touches a unit outside the spans', () => {
    const cases = fc.array(
      fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', minLength: 1 }), fc.string()),
    );
    fc.assert(
      fc.property(cases, fc.string({ unit: 'binary' }), (parts, tail) => {
        let text = '';
        let expected = '';
        const edits: Edit[] = [];
        for (const [kept, old, fresh] of parts) {
          text += kept;
          expected += kept;
          edits.push(edit(text.length, old, fresh));
          text += old;
          expected += fresh;
        }
        expect(applyEdits(text + tail, edits.reverse())).toBe(expected + tail);
      }),
    );
  });
});

describe('encoding', () => {
  it('gives back every byte of UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, bom) => {
        const bytes = Buffer.from((bom ? '\ufeff' : '') + text, 'utf8');
        expect(Buffer.from(encodeText(decodeText('f', bytes)))).toEqual(bytes);
      }),
    );
  });

  it.each([[[0xff, 0xfe, 0x41, 0x00]], [[0xc3, 0x28]], [[0xed, 0xa0, 0x80]]])('refuses %j', (bytes) => {
    expect(() => decodeText('a/f', new Uint8Array(bytes))).toThrow(/^a\/f is not UTF-8/);
  });
});
