import { beforeEach, describe, expect, it } from 'vitest';
import type { Tree } from '../../src/discover/tree.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { type CheckResult, checkView, findLiveTags } from '../../src/pass/check.ts';
import { RegistryError } from '../../src/resolve/registry.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { World } from './one-answer/world.ts';

let world: World;
let digest: Digest;

beforeEach(() => {
  world = new World();
  // Nothing says how old it is, unless a test does.
  digest = world.push({ created: null });
  world.scanned({});
});

type Init = { readonly ledger?: boolean; readonly base?: Tree | null };

async function check({ ledger = false, base = null }: Init = {}): Promise<CheckResult> {
  const pass = await world.pass({ look: 'pins', base });
  return checkView(pass, { ledger, alive: await findLiveTags(pass, world.registry) });
}

const outage = new RegistryError({
  code: 'unavailable',
  message: 'registry.test: HTTP 503',
  temporary: true,
});
const codesOf = ({ failures }: CheckResult) => failures.map(({ code }) => code);
const found = ({ report }: CheckResult) => report.findings.map(({ rule, level }) => `${rule} ${level}`);

/** Settings of the age, and what becomes of one that nobody knows: failures of the check, violations. */
const LEVELS: readonly [string, string, number, number][] = [
  ['is only shown where nothing is enforced', 'policy: {stage: monitor}', 0, 0],
  ['is a failure where the age is enforced', 'policy: {stage: age}', 1, 0],
  ['is a warning where the settings say so', 'policy: {stage: age, age: {unknown: warn}}', 0, 0],
  ['is a violation where the settings say so', 'policy: {stage: age, age: {unknown: violation}}', 0, 1],
  ['is nothing where there is no maximum', 'policy: {stage: age, age: {maximum: false}}', 0, 0],
  [
    'is shown, not violated, where nothing is enforced',
    'policy: {stage: monitor, age: {unknown: violation}}',
    0,
    0,
  ],
];

describe('an age that nobody knows', () => {
  it.each(LEVELS)('%s', async (_, config, failures, violations) => {
    world.pin(digest);
    world.config = config;
    const result = await check();
    expect(codesOf(result)).toEqual(Array(failures).fill('age-unknown'));
    expect(result.report.violations).toHaveLength(violations);
    if (failures > 0) {
      expect(result.failures).toMatchObject([{ subject: 'docker.io/library/python:3.11', temporary: false }]);
      expect(result.failures[0]?.message).not.toBe('');
    }
  });

  it.each([
    ['that a change leaves alone is none of its', 'policy: {stage: age}', true, 0],
    [
      'that a change leaves alone counts where the policy is strict',
      'policy: {stage: age, age: {strict: true}}',
      true,
      1,
    ],
    ['that a change brings counts', 'policy: {stage: age}', false, 1],
    [
      'counts, strict or not, where a change brings it',
      'policy: {stage: age, age: {strict: true}}',
      false,
      1,
    ],
    [
      'is not spared the settings by being strict',
      'policy: {stage: age, age: {strict: true, unknown: warn}}',
      true,
      0,
    ],
  ])('%s', async (_, config, isThere, failures) => {
    world.pin(digest);
    world.config = config;
    const base = memoryTree(isThere ? new Map(world.files) : new Map());
    expect(codesOf(await check({ base }))).toEqual(Array(failures).fill('age-unknown'));
  });

  it('is told why by the history, and by nobody where another clock knows', async () => {
    world.pin(digest);
    const { notes } = await check();
    expect(notes).toEqual([expect.stringContaining('the history is shallow')]);
    const known = world.push({ created: 5 });
    world.pin(known);
    expect((await check()).notes).toEqual([]);
    // One pin of unknown age is enough.
    world.pin(digest, '3.11', 'b/Dockerfile');
    expect((await check()).notes).toHaveLength(1);
  });
});

describe('a digest whose tag nobody knows', () => {
  const tagless = 'FROM scratch\nFROM python@';
  const levels: readonly [string, string, string, number][] = [
    ['is shown', 'policy: {stage: monitor}', 'warning', 0],
    ['is a failure', 'policy: {stage: age}', 'warning', 1],
    ['is a warning', 'policy: {stage: age, age: {unknown: warn}}', 'warning', 0],
    ['is a violation', 'policy: {stage: age, age: {unknown: violation}}', 'violation', 0],
    [
      'is shown where only that is asked for',
      'policy: {stage: monitor, age: {unknown: violation}}',
      'warning',
      0,
    ],
  ];
  it.each(levels)('%s by the settings: %s', async (_, config, level, failures) => {
    world.file('Dockerfile', `${tagless}${digest}\n`);
    world.config = config;
    const result = await check();
    expect(result.report.findings).toMatchObject([
      { rule: 'unknown-age', level, image: 'docker.io/library/python', file: 'Dockerfile', line: 2 },
    ]);
    expect(result.report.violations).toHaveLength(level === 'violation' ? 1 : 0);
    expect(result.failures).toMatchObject(
      Array(failures).fill({ code: 'age-unknown', subject: 'docker.io/library/python' }),
    );
    expect(result.failures).toHaveLength(failures);
    const [finding] = result.report.findings;
    const { skip } = result.survey.sites[0] ?? {};
    expect(finding?.message).toContain(digest);
    expect(finding?.message).toContain(skip?.detail);
  });

  it('is not what another skip is', async () => {
    world.pin(digest);
    world.config = 'ignores: [{image: python}]';
    expect((await check()).report.findings).toEqual([]);
  });
});

describe('the ledger', () => {
  beforeEach(() => {
    digest = world.push({ created: 5, seed: 'known' });
    world.pin(digest);
  });

  it.each<[string, (old: Digest) => void, Init, readonly string[]]>([
    ['agrees', (old) => world.ledger(old, { published: 5 }), { ledger: true }, []],
    [
      'has no row',
      () => world.ledger(`sha256:${'0'.repeat(64)}` as Digest, {}),
      { ledger: true },
      ['BASE_IMAGE_DIGESTS.md:5', 'Dockerfile:1'],
    ],
    ['is not there', () => {}, { ledger: true }, ['Dockerfile:1']],
    ['is not asked about', () => {}, {}, []],
    [
      'names another file',
      (old) => {
        world.ledger(old, { published: 5 });
        world.pin(old, '3.11', 'b/Dockerfile');
      },
      { ledger: true },
      ['BASE_IMAGE_DIGESTS.md:5'],
    ],
    ['is not kept', () => Object.assign(world, { config: 'ledger: false' }), { ledger: true }, []],
  ])('%s', async (_, set, init, places) => {
    set(digest);
    const { report } = await check(init);
    expect(report.violations.map(({ rule, file, line }) => `${rule} ${file}:${line}`)).toEqual(
      places.map((place) => `ledger ${place}`),
    );
    expect(report.findings.filter(({ rule }) => rule === 'ledger')).toEqual(report.violations);
  });

  it('says nothing of references without a digest', async () => {
    world.pin(null, '3.11', 'b/Dockerfile');
    world.ledger(digest, { published: 5 });
    expect((await check({ ledger: true })).report.violations).toEqual([]);
  });

  it('of a hand-written table counts as a row', async () => {
    world.file(
      'BASE_IMAGE_DIGESTS.md',
      `| Image | Tag | Digest |\n|---|---|---|\n| python | 3.11 | ${digest} |\n`,
    );
    expect((await check({ ledger: true })).report.violations).toEqual([]);
  });

  it('that is damaged is a failure, once', async () => {
    world.file('BASE_IMAGE_DIGESTS.md', '<!-- pinwheel:ledger:start -->\n');
    expect(codesOf(await check({ ledger: true }))).toEqual(['ledger-damaged']);
  });
});

describe('what could not be looked at', () => {
  it('is told once for each image, whichever pins ask for it', async () => {
    world.file('Dockerfile', `FROM python:3.11@${digest}\n`);
    world.file('b/Dockerfile', 'FROM $UNKNOWN\n');
    world.pin(world.push({ created: null, seed: 'other' }), '3.11', 'c/Dockerfile');
    world.registry.point('3.11', outage);
    world.config = 'policy: {stage: monitor}';
    const result = await check();
    expect(result.failures).toMatchObject([{ code: 'unavailable', temporary: true }]);
    expect(result.failures).toHaveLength(1);
    expect(result.report.pins.map(({ verdict, reasons, latest }) => [verdict, reasons, latest])).toEqual([
      [null, [], null],
      [null, [], null],
    ]);
  });

  it('of a file comes first, and once', async () => {
    world.pin(digest);
    world.file('a/Dockerfile', 'FROM python\0');
    world.config = 'policy: {stage: age}';
    expect(codesOf(await check())).toEqual(['binary', 'age-unknown']);
  });

  it('is a baseline that cannot be used', async () => {
    world.pin(world.push({ created: 5 }));
    world.config = 'policy: {stage: monitor, baseline: accepted.json}';
    world.file('accepted.json', '{');
    expect((await check()).failures).toMatchObject([
      { code: 'invalid-baseline', subject: 'accepted.json', temporary: false },
    ]);
  });

  it('is a baseline that cannot be read; one that is not there accepts nothing', async () => {
    world.pin(world.push({ created: 5 }));
    world.config = 'policy: {stage: monitor, baseline: accepted.json}';
    expect((await check()).failures).toEqual([]);
    const pass = await world.pass({ look: 'moves' });
    expect(pass.baseline).toBeNull();
  });
});

describe('notes', () => {
  it('tell an exception that ends soon', async () => {
    world.pin(world.push({ created: 5 }));
    world.config =
      'policy:\n  exceptions:\n    - {id: CVE-2026-1, image: python, reason: r, by: me, expires: 2026-11-22}\n';
    expect((await check()).notes).toEqual([expect.stringContaining('CVE-2026-1')]);
  });

  const unmatched = (stage: string) =>
    `images: [{match: pyhton}, {match: python}]\nfiles: {exclude: [gone/, node_modules/]}\npolicy:\n  stage: ${stage}\n  trust:\n    - {image: 'ghcr.io/acme/*', signers: [{identity: a, issuer: b}]}\n`;

  it.each([
    [
      'a trust rule too where trust is only shown',
      'monitor',
      ['files.exclude[0]', 'images[0].match', 'policy.trust[0].image'],
      [],
    ],
    [
      'a trust rule by a finding where it is enforced',
      'provenance',
      ['files.exclude[0]', 'images[0].match'],
      ['unmatched-trust'],
    ],
  ])('tell patterns that match nothing, %s', async (_, stage, keys, rules) => {
    const known = world.push({ created: 5 });
    world.pin(known);
    world.file('node_modules/a/Dockerfile', 'FROM nginx\n');
    world.config = unmatched(stage);
    const { notes, report } = await check();
    expect(notes.map((note) => note.split(' ')[0])).toEqual(keys);
    expect(report.findings.map(({ rule }) => rule)).toEqual(rules);
  });

  it('tell tags that cannot move, once', async () => {
    world.config = 'images: [{match: python, track: patch}]';
    const old = world.push({ tag: '3.11.6', created: 5 });
    world.push({ tag: '3.11.9', created: 3, platforms: ['linux/amd64'] });
    world.pin(old, '3.11.6');
    world.pin(old, '3.11.6', 'b/Dockerfile');
    const { notes } = await check();
    expect(notes).toEqual([expect.stringContaining('linux/arm64')]);
  });
});

describe('tags that a stagnant pin could move to', () => {
  it.each<[string, number, RegistryError | null, readonly string[]]>([
    ['are those of its image', 40, null, ['3.12', '3.13']],
    ['are none in an outage', 40, outage, []],
  ])('%s', async (_, created, fault, tags) => {
    world.pin(world.push({ created }));
    for (const tag of ['3.12', '3.13']) world.registry.list(tag);
    world.registry.outage = fault;
    const { report } = await check();
    expect([...(report.pins[0]?.liveTags ?? [])].sort()).toEqual(tags);
    expect(found({ report } as CheckResult)).toEqual(['stagnant warning']);
  });

  it('are not asked for where none is stagnant', async () => {
    world.pin(world.push({ created: 5 }));
    world.registry.list('3.13');
    const { report } = await check();
    expect(world.registry.askedFor('tags')).toEqual([]);
    expect(report.pins.map(({ liveTags, latest }) => [liveTags, latest])).toEqual([
      [[], report.pins[0]?.digest],
    ]);
  });
});
