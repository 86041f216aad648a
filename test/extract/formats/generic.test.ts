import { describe, expect, it } from 'vitest';
import { toDigest } from '../../../src/domain/digest.ts';
import { isoDate } from '../../../src/domain/ledger-entry.ts';
import { toPathPattern } from '../../../src/domain/path-glob.ts';
import { extractBy } from '../../../src/extract/extract-as.ts';
import { genericExtractor, type Manager, managerFault } from '../../../src/extract/formats/generic.ts';
import { applyEdits, siteEdits } from '../../../src/plan/edits.ts';
import { followedImage } from '../../../src/plan/pins.ts';
import { verifyEdits } from '../../../src/plan/verify-edits.ts';

const OLD = `sha256:${'1a2b3c4d'.repeat(8)}`;
const OTHER = `sha256:${'9f8e7d6c'.repeat(8)}`;
const NEW = toDigest(`sha256:${'5e77c2d1'.repeat(8)}`);
const TODAY = isoDate(new Date('2026-11-20'));

const EVERY = [toPathPattern('*')];
const WHOLE = { files: EVERY, pattern: 'image: "(?P<image>[^"]+)"' };
const PARTS = {
  files: EVERY,
  pattern: '^(?P<name>[a-z/.]+) (?P<tag>\\S+) (?P<digest>(?:sha256:[a-f0-9]*)?)$',
};

function read(manager: Manager, path: string, text: string) {
  const extractor = genericExtractor([manager]);
  const file = { path, text };
  const before = extractBy([extractor], file, 'generic');
  const moves = before.sites
    .filter((site) => site.skip === null)
    .map((site) => ({ site, to: NEW, toTag: followedImage(site)?.tag ?? '1' }));
  const edits = moves.flatMap(({ site, to, toTag }) => siteEdits(site, to, toTag, TODAY));
  const after = applyEdits(text, edits);
  const again = extractor.extract({ path, text: after });
  verifyEdits({ text, extraction: before }, { text: after, extraction: again }, edits, moves);
  return { before, after };
}

describe('managers', () => {
  it.each<readonly [string, Manager, string, string, string]>([
    ['a whole reference', WHOLE, 'a.x', `image: "python:3.11@${OLD}"`, `image: "python:3.11@${NEW}"`],
    [
      'several',
      WHOLE,
      'a.x',
      `image: "a:1@${OLD}" image: "b:2@${OTHER}"`,
      `image: "a:1@${NEW}" image: "b:2@${NEW}"`,
    ],
    ['without a digest', WHOLE, 'a.x', 'image: "python:3.11"', `image: "python:3.11@${NEW}"`],
    [
      'behind a surrogate pair',
      WHOLE,
      'a.x',
      `𝒳 image: "python:3.11@${OLD}" é`,
      `𝒳 image: "python:3.11@${NEW}" é`,
    ],
    ['parts', PARTS, 'a.x', `x\nquay.io/a/b 1.2 ${OLD}\ny`, `x\nquay.io/a/b 1.2 ${NEW}\ny`],
    ['parts with an empty digest', PARTS, 'a.x', 'python 3.11 ', `python 3.11 ${NEW}`],
    [
      'a path to a text',
      { files: EVERY, path: '$.images[*].ref' },
      'a.yaml',
      `images:\n  - ref: a:1@${OLD} # x\n  - ref: 'b:2'\nref: c:3\n`,
      `images:\n  - ref: a:1@${NEW} # x\n  - ref: 'b:2@${NEW}'\nref: c:3\n`,
    ],
    [
      'any depth',
      { files: EVERY, path: '..base' },
      'a.json',
      `{"x": [{"base": "a:1@${OLD}"}]}`,
      `{"x": [{"base": "a:1@${NEW}"}]}`,
    ],
    [
      'TOML',
      { files: EVERY, path: "tool['my.key'].image" },
      'a.toml',
      `[tool."my.key"]\nimage = "a:1@${OLD}"\n`,
      `[tool."my.key"]\nimage = "a:1@${NEW}"\n`,
    ],
    [
      'HCL',
      { files: EVERY, path: 'job.*.image' },
      'a.hcl',
      `job "a" {\n image = "a:1@${OLD}"\n}`,
      `job "a" {\n image = "a:1@${NEW}"\n}`,
    ],
    [
      'a path to a map with parts',
      { files: EVERY, path: 'runtime' },
      'a.yaml',
      `runtime: {registry: quay.io, repository: a/b, tag: "1", digest: ${OLD}}\n`,
      `runtime: {registry: quay.io, repository: a/b, tag: "1", digest: ${NEW}}\n`,
    ],
    [
      'a list of texts',
      { files: EVERY, path: 'images' },
      'a.yaml',
      `images: ["a:1@${OLD}"]`,
      `images: ["a:1@${NEW}"]`,
    ],
  ])('%s', (_name, manager, path, text, expected) => {
    expect(read(manager, path, text).after).toBe(expected);
  });

  it.each<readonly [string, Manager, string, string, string]>([
    [
      'no place for a digest',
      { files: EVERY, pattern: '(?P<name>\\w+)-(?P<tag>[\\d.]+)' },
      'a.x',
      'python-3.11',
      'unsupported-spelling',
    ],
    ['a template', WHOLE, 'a.x', 'image: "{{ x }}"', 'templated'],
    ['no reference', WHOLE, 'a.x', 'image: "A B"', 'invalid-reference'],
  ])('skips %s', (_name, manager, path, text, reason) => {
    const { before } = read(manager, path, text);
    expect(
      [...before.skipped, ...before.sites.flatMap(({ skip }) => skip ?? [])].map((one) => one.reason),
    ).toEqual([reason]);
  });

  it('reads only the files that are named, by each manager that names them', () => {
    const managers = [
      { files: [toPathPattern('tools/*.txt'), toPathPattern('x')], pattern: 'a (?P<image>\\S+)' },
      { files: [toPathPattern('*.txt')], pattern: 'b (?P<image>\\S+)' },
    ];
    const extractor = genericExtractor(managers);
    const images = (path: string) =>
      extractor.extract({ path, text: 'a x:1\nb y:2\n' }).sites.map(({ image }) => image.text);
    expect(extractor.matchesPath('tools/a.md')).toBe(false);
    expect([images('tools/a.txt'), images('a.txt')]).toEqual([['x:1', 'y:2'], ['y:2']]);
  });

  it.each<readonly [string, Omit<Manager, 'files'>, RegExp]>([
    ['look-ahead', { pattern: '(?=x)(?P<image>y)' }, /not RE2/],
    ['no group', { pattern: 'image: (.*)' }, /no group/],
    ['huge repetition', { pattern: '(?P<image>((a{30}){30}){30})' }, /not RE2|too large/],
    ['an open bracket', { path: 'a[0' }, /without its "]"/],
    ['a filter', { path: 'a[?(@.b)]' }, /not an index, key or/],
    ['nothing', { path: '$' }, /names nothing/],
    ['an empty key', { path: 'a.' }, /no key/],
    ['too many steps', { path: 'a'.repeat(40).split('').join('.') }, /more than 32/],
  ])('refuses %s', (_name, rest, message) => {
    const manager = { files: EVERY, ...rest };
    expect(managerFault(manager)).toMatch(message);
    const [error] = genericExtractor([manager]).extract({ path: 'a.x', text: '' }).errors;
    expect(error?.message).toMatch(message);
  });

  it.each([
    ['(x+x+)+(?P<image>y)', 'x'],
    ['(?P<image>(a|aa)+)$', 'a'],
    ['(?P<image>(.*)*)!', 'ab '],
    ['(?s)(?P<image>x.*y)', 'x'],
    ['(?P<image>(a|b)*a(a|b){12})c', 'ab'],
    ['(?P<image>(a?){40}a{40})b', 'a'],
    ['(?P<image>x?)', 'z'],
    ['(?s)(?P<image>x)(.*y)?', 'x'],
  ])('a pattern that others choke on: %s', (pattern, piece) => {
    const extractor = genericExtractor([{ files: EVERY, pattern }]);
    const found = extractor.extract({ path: 'a.x', text: piece.repeat((1 << 20) / piece.length) });
    expect(found.errors).toEqual([]);
  });

  it('finds what stands across windows and far into a file', () => {
    const line = `image: "python:3.11@${OLD}"\n`;
    const text = `${'x'.repeat(50_000)}${`${'filler '.repeat(1000)}\n${line}`.repeat(40)}`;
    const found = genericExtractor([WHOLE]).extract({ path: 'a.x', text });
    expect(found.sites).toHaveLength(40);
  });
});
