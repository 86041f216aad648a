import { describe, expect, it } from 'vitest';
import { mergeConfig, parseRepositoryConfig, type RepositoryConfig } from '../../src/config/repository.ts';
import { formatSettingsFault } from '../../src/config/settings-file.ts';
import {
  type SeenInTree,
  sayUnmatched,
  unmatchedInAll,
  unmatchedPatterns,
  unmatchedTrust,
} from '../../src/policy/unmatched-patterns.ts';
import { toImageReference } from '../support/image-reference.ts';

const SEEN: SeenInTree = {
  images: ['python:3.11', 'ghcr.io/acme/base:1', 'debian'].map((text) => toImageReference(text)),
  imageFiles: ['Dockerfile', 'deploy/web/Dockerfile'],
  files: ['Dockerfile', 'deploy/web/Dockerfile', 'README.md', 'tools.lock'],
  skippedFolders: ['old', 'node_modules'],
};

function configOf(repository: string | null, organisation: string | null = null): RepositoryConfig {
  const parse = (text: string | null) => {
    if (text === null) return null;
    const file = parseRepositoryConfig(text, 'pinwheel.yml');
    if (!file.ok) throw new Error(file.fault.map(formatSettingsFault).join('\n'));
    return file.value;
  };
  const merged = mergeConfig(parse(organisation), parse(repository));
  if (!merged.ok) throw new Error(merged.fault.map(formatSettingsFault).join('\n'));
  return merged.value;
}

const found = (repository: string | null, organisation: string | null = null, seen: SeenInTree = SEEN) =>
  unmatchedPatterns(configOf(repository, organisation), seen).map(
    ({ key, pattern, line }) => `${line}: ${key} ${pattern}`,
  );

const TRUST = 'signers: [{ keyFile: k.pub }]';
const EXCEPTION = 'id: CVE-1, reason: r, by: b, expires: 2027-01-01';

describe('unmatchedPatterns', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['rules for images', 'images:\n  - match: python\n  - match: nod*', ['3: images[1].match nod*']],
    [
      'one of a list',
      'images:\n  - match:\n      - python:3.12*\n      - debian\n      - ghcr.io/**',
      ['3: images[0].match[0] python:3.12*'],
    ],
    ['a tag where none is written', 'images: [{ match: "debian:*" }]', ['1: images[0].match debian:*']],
    ['an ignored image is an image', 'images: [{ match: python, ignore: true }]', []],
    ['holds', 'holds: [{ image: python }, { image: node }]', ['1: holds[1].image node']],
    ['ignores', 'ignores: [{ image: "python:3.12" }]', ['1: ignores[0].image python:3.12']],
    ['registries', 'registries: { only: [ghcr.io, docker.io, quay.io] }', ['1: registries.only[2] quay.io']],
    [
      'ignored registries',
      'registries: { ignore: ["*.azurecr.io"] }',
      ['1: registries.ignore[0] *.azurecr.io'],
    ],
    [
      'exceptions',
      `policy:\n  exceptions:\n    - { image: node, ${EXCEPTION} }`,
      ['3: policy.exceptions[0].image node'],
    ],
    ['an exception for all', `policy: { exceptions: [{ ${EXCEPTION} }] }`, []],
    [
      'trust rules',
      `policy:\n  trust:\n    - { image: "ghcr.io/acme/*", ${TRUST} }\n    - { image: quay.io/**, ${TRUST} }`,
      ['4: policy.trust[1].image quay.io/**'],
    ],
    ['a preset', 'policy: { trust: [{ preset: flux }] }', []],
    [
      'a preset for images of its own',
      'policy: { trust: [{ preset: flux, image: "ghcr.io/flux/**" }] }',
      ['1: policy.trust[0].image ghcr.io/flux/**'],
    ],
    [
      'named groups',
      'groups:\n  - name: a\n    images: [node]\n    files: deploy/api/',
      ['4: groups[0].files deploy/api/', '3: groups[0].images[0] node'],
    ],
    [
      'named groups of an object',
      'groups: { named: [{ name: a, images: python, files: ["deploy/**", "README.md"] }] }',
      ['1: groups.named[0].files[1] README.md'],
    ],
    [
      'files',
      'files:\n  include: [tools.lock, "*.conf"]\n  exclude: [old, "/old/", node_modules/**, README.md, gone/]',
      ['2: files.include[1] *.conf', '3: files.exclude[4] gone/'],
    ],
    [
      'managers',
      'managers:\n  - { files: "*.lock", path: a }\n  - { files: "*.conf", path: a }',
      ['3: managers[1].files *.conf'],
    ],
    ['nothing', '', []],
  ])('%s', (_, text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it("leaves the organisation's patterns alone, and counts in the repository's own file", () => {
    const organisation = 'images: [{ match: node }]\nholds: [{ image: ruby }]\nfiles: { include: "*.x" }';
    expect(found(null, organisation)).toEqual([]);
    expect(found('images: [{ match: perl }]', organisation)).toEqual(['1: images[0].match perl']);
  });

  it('tells nothing of images where there are none', () => {
    const text = 'images: [{ match: node }]\ngroups: [{ name: a, files: x }]\nfiles: { include: gone }';
    const none = { ...SEEN, images: [], imageFiles: [] };
    expect(found(text, null, none)).toEqual(['3: files.include gone']);
  });

  it('is a sentence', () => {
    const [one] = unmatchedPatterns(configOf('images: [{ match: node }]'), SEEN);
    expect(one && sayUnmatched(one)).toBe('images[0].match "node" matches nothing here (pinwheel.yml:1)');
  });

  it('of several branches, is what matches on none', () => {
    const config = configOf('images: [{ match: node }, { match: ruby }]');
    const other = { ...SEEN, images: [toImageReference('ruby:3')] };
    const all = unmatchedInAll([unmatchedPatterns(config, SEEN), unmatchedPatterns(config, other)]);
    expect(all.map(({ pattern }) => pattern)).toEqual(['node']);
    expect(unmatchedInAll([])).toEqual([]);
  });
});

it.each([
  ['enforce', ['unmatched-trust warning pinwheel.yml:3 ghcr.io/acm/*']],
  ['show', []],
] as const)('a dead trust rule, where trust is %s', (trust, expected) => {
  const config = configOf(
    `images: [{ match: node }]\npolicy:\n  trust: [{ image: ghcr.io/acm/*, ${TRUST} }]`,
  );
  const findings = unmatchedTrust(unmatchedPatterns(config, SEEN), { trust });
  expect(findings.map((f) => `${f.rule} ${f.level} ${f.file}:${f.line} ${f.image}`)).toEqual(expected);
});
