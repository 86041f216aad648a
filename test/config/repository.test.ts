import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { repositoryJsonSchema } from '../../scripts/repository-json-schema.ts';
import { defaultConfig, mergeConfig, parseRepositoryConfig } from '../../src/config/repository.ts';
import { formatSettingsFault } from '../../src/config/settings-file.ts';

const PATH = '.github/pinwheel.yml';
const DIGEST = `sha256:${'a'.repeat(64)}`;

const GOOD: readonly (readonly [string, string, object])[] = [
  ['nothing', '', {}],
  ['a comment', '# nothing yet\n', {}],
  ['off', 'enabled: false', { enabled: false }],
  ['weekly', 'schedule: weekly', { schedule: { kind: 'interval', interval: 'weekly', timezone: 'UTC' } }],
  ['off by schedule', 'schedule: off', { schedule: { kind: 'off' } }],
  ['a cron', 'schedule: "0 6 * * mon-fri"', { schedule: { kind: 'cron', cron: '0 6 * * mon-fri' } }],
  [
    'a cron with a zone',
    'schedule: { cron: "@daily", timezone: America/New_York }',
    { schedule: { kind: 'cron', cron: '@daily', timezone: 'America/New_York' } },
  ],
  [
    'a day and a time',
    'schedule: { interval: weekly, day: friday, time: "06:30", timezone: Europe/Berlin }',
    { schedule: { interval: 'weekly', day: 'friday', time: '06:30', timezone: 'Europe/Berlin' } },
  ],
  [
    'files',
    'files: { include: "docker/*", exclude: [a, b] }',
    { files: { include: [{ text: 'docker/*' }], exclude: [{ text: 'a' }, { text: 'b' }] } },
  ],
  [
    'a rule',
    'images: [{ match: python, track: "^3.11", platforms: [linux/arm/v7], minimumAge: 12h, maximumAge: 2w }]',
    {
      images: [
        {
          match: [{ text: 'python' }],
          track: '^3.11',
          platforms: ['linux/arm/v7'],
          minimumAge: 0.5,
          maximumAge: 14,
        },
      ],
    },
  ],
  [
    'a hold',
    'images: [{ match: python, hold: 2026-12-31 }]',
    { images: [{ hold: { until: '2026-12-31', reason: null } }] },
  ],
  [
    'a hold for good',
    'images: [{ match: python, hold: true }]',
    { images: [{ hold: { until: null, reason: null } }] },
  ],
  [
    'holds by command',
    'holds: [{ image: python, until: 2026-12-31, reason: glibc, by: ada }]',
    { holds: [{ image: { text: 'python' }, until: '2026-12-31', reason: 'glibc', by: 'ada' }] },
  ],
  ['groups by image', 'groups: image', { groups: { by: 'image', named: [] } }],
  [
    'named groups',
    'groups: [{ name: base, images: python }]',
    {
      groups: { by: 'all', named: [{ name: 'base', images: [{ text: 'python' }], files: [{ text: '**' }] }] },
    },
  ],
  [
    'a team',
    'pullRequests: { reviewers: ["@ada", acme/platform] }',
    { pullRequests: { reviewers: ['ada', 'acme/platform'] } },
  ],
  ['automerge', 'pullRequests: { automerge: true }', { pullRequests: { automerge: 'squash' } }],
  ['no ledger', 'ledger: false', { ledger: { enabled: false, path: null } }],
  [
    'a ledger elsewhere',
    'ledger: { path: docs/PINS.md }',
    { ledger: { enabled: true, path: 'docs/PINS.md' } },
  ],
  ['no dashboard', 'dashboard: false', { dashboard: { enabled: false } }],
  [
    'registries',
    'registries: { only: [ghcr.io] }',
    { registries: { only: [{ text: 'ghcr.io' }], ignore: [] } },
  ],
  [
    'a manager',
    'managers: [{ files: "*.conf", pattern: "image=(?<image>.+)" }]',
    { managers: [{ files: [{ text: '*.conf' }] }] },
  ],
  [
    'a policy',
    'policy: { stage: age, age: { maximum: 30d } }',
    { policy: { stage: 'age', age: { maximum: 30 } } },
  ],
];

const BAD: readonly (readonly [string, string, string])[] = [
  [
    'a misspelled key',
    'enabled: true\nscheduel: weekly',
    `${PATH}:2: scheduel: unknown key; did you mean "schedule"?`,
  ],
  [
    'a misspelled inner key',
    'pullRequests:\n  labels: []\n  reviewer: [a]',
    `${PATH}:3: pullRequests.reviewer: unknown key; did you mean "reviewers"?`,
  ],
  ['a wrong type', 'enabled: "yes"', `${PATH}:1: enabled: expected boolean, got "yes"`],
  ['a cron that never was', 'schedule: "61 * * * *"', 'minute: "61" is not within 0-59'],
  ['an unknown interval', 'schedule: fortnightly', 'expected daily, weekly, monthly, off, or a cron'],
  ['an unknown zone', 'schedule: { interval: daily, timezone: Mars/Olympus }', 'expected an IANA time zone'],
  [
    'interval and cron',
    'schedule: { interval: daily, cron: "0 0 * * *" }',
    'expected either "interval" or "cron"',
  ],
  [
    'a day of a daily schedule',
    'schedule: { interval: daily, day: monday }',
    '"day" belongs to interval: weekly',
  ],
  ['a rule for nothing', 'images:\n  - track: minor', `${PATH}:2: images[0].match: required, but missing`],
  [
    'an odd range',
    'images: [{ match: a, track: newest }]',
    'expected digest, patch, minor, major, or a range',
  ],
  ['a day that is none', 'holds: [{ image: a, until: 2026-02-30 }]', 'no such day'],
  ['a short digest', 'ignores: [{ image: a, digest: "sha256:12" }]', 'expected a full digest'],
  ['a platform', 'images: [{ match: a, platforms: [amd64] }]', 'expected a platform'],
  ['a path out of the repository', 'ledger: { path: ../x.md }', 'expected a path inside the repository'],
  [
    'hosts of registries',
    'registries:\n  - host: registry.example\n',
    `${PATH}:1: registries: hosts, credentials`,
  ],
  ['secrets of registries', 'registries:\n  ghcr.io:\n    password: hunter2', 'come from the operator'],
  ['broken YAML', 'images: [', `${PATH}:1:`],
  ['a list', '- enabled', 'expected keys and values'],
  [
    'both ways to find',
    'managers: [{ files: a, pattern: a, path: b }]',
    'expected either "pattern" or "path"',
  ],
  [
    'an image pattern in one text',
    'images:\n  - match: Python',
    `${PATH}:2: images[0].match: "Python" has upper-case letters in its name, which no image has; write "python"`,
  ],
  [
    'an image pattern in a list',
    'images:\n  - match:\n      - python\n      - "node:"',
    `${PATH}:4: images[0].match[1]: "node:" has an empty tag; write "node" for every tag`,
  ],
  ['a hold for a digest', `holds:\n  - image: python@${DIGEST}`, `${PATH}:2: holds[0].image: "python@sha256`],
  [
    'an ignored address',
    'ignores: [{ image: "https://ghcr.io/a/b" }]',
    'ignores[0].image: "https://ghcr.io/a/b" begins with',
  ],
  [
    'a trust rule for a registry alone',
    'policy:\n  trust:\n    - image: ghcr.io\n      signers: [{ keyFile: k.pub }]',
    `${PATH}:3: policy.trust[0].image: "ghcr.io" is a registry, not an image; write "ghcr.io/**" for all its images`,
  ],
  [
    'an exception for two images in one text',
    'policy: { exceptions: [{ id: CVE-1, image: "a, b", reason: r, by: b, expires: 2027-01-01 }] }',
    'policy.exceptions[0].image: "a, b" has a space in it',
  ],
  [
    'a registry by a word',
    'registries: { only: [ghcr.io, hub] }',
    'registries.only[1]: "hub" is not a registry',
  ],
  [
    'a registry with a path',
    'registries: { ignore: [ghcr.io/acme] }',
    'registries.ignore[0]: "ghcr.io/acme" has a path',
  ],
  ['files outside', 'files:\n  include: ../x', `${PATH}:2: files.include: "../x" has a ".."`],
  [
    'folders of Windows',
    'files: { exclude: ["docker\\\\api"] }',
    'files.exclude[0]: "docker\\\\api" has "\\" between folders',
  ],
  [
    'a branch as a ref',
    'branches: [refs/heads/main]',
    'branches[0]: "refs/heads/main" is a ref; write the branch',
  ],
  [
    'images of a named group',
    'groups:\n  - name: a\n    images: [python, "{a"]',
    `${PATH}:3: groups[0].images[1]: "{a" has a "{" without its "}"; close it`,
  ],
  [
    'files of a named group',
    'groups: { named: [{ name: a, files: "a//b" }] }',
    'groups.named[0].files: "a//b" has two slashes in a row',
  ],
  ['files of a manager', 'managers: [{ files: "!a", path: b }]', 'managers[0].files: "!a" begins with "!"'],
  ['a duplicate key', 'enabled: true\nenabled: false', `${PATH}:2`],
];

describe('parseRepositoryConfig', () => {
  it.each(GOOD)('%s', (_, text, expected) => {
    const file = parseRepositoryConfig(text, PATH);
    if (!file.ok) throw new Error(file.fault.map(formatSettingsFault).join('\n'));
    const config = mergeConfig(null, file.value);
    expect(config.ok && config.value).toMatchObject(expected);
  });

  it.each(BAD)('refuses %s', (_, text, message) => {
    const file = parseRepositoryConfig(text, PATH);
    const faults = file.ok ? '' : file.fault.map(formatSettingsFault).join('\n');
    expect(faults).toContain(message);
    expect(faults).not.toContain('hunter2');
  });
});

it('never throws, whatever the text', () => {
  const piece = fc.constantFrom(
    'images',
    'match',
    'policy',
    'schedule',
    'registries',
    'groups',
    ': ',
    '- ',
    '\n',
    '\n  ',
    '{',
    '}',
    '[',
    ']',
    '"',
    'python',
    '*a',
    '&a',
    '!!',
    '0',
    'true',
    '30d',
    '|',
    '? ',
    '<<: ',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(piece, { maxLength: 30 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, (written) => {
      const file = parseRepositoryConfig(written, PATH);
      if (file.ok) expect(mergeConfig(file.value, file.value).ok).toBe(true);
      else expect(file.fault.length).toBeGreaterThan(0);
    }),
    { numRuns: 400 },
  );
});

describe('mergeConfig', () => {
  const organisation = `
schedule: { cron: "0 3 * * *", timezone: Europe/Berlin }
images: [{ match: "**", minimumAge: 3d }]
pullRequests: { labels: [org], limit: 3 }
dashboard: false
`;
  const merged = (repository: string | null) => {
    const parse = (text: string) => {
      const file = parseRepositoryConfig(text, PATH);
      if (!file.ok) throw new Error(file.fault.map(formatSettingsFault).join('\n'));
      return file.value;
    };
    const config = mergeConfig(parse(organisation), repository === null ? null : parse(repository));
    if (!config.ok) throw new Error('contradiction');
    return config.value;
  };

  it('is the organisation where the repository has nothing', () => {
    expect(merged(null)).toMatchObject({
      dashboard: { enabled: false },
      pullRequests: { labels: ['org'], limit: 3 },
    });
  });
  it('puts the rules of the repository first', () => {
    expect(merged('images: [{ match: python }]').images.map((rule) => rule.match)).toMatchObject([
      [{ text: 'python' }],
      [{ text: '**' }],
    ]);
  });
  it('replaces lists and keeps the other keys', () => {
    expect(merged('pullRequests: { labels: [mine] }').pullRequests).toMatchObject({
      labels: ['mine'],
      limit: 3,
    });
  });
  it('takes a schedule whole', () => {
    expect(merged('schedule: { interval: daily }').schedule).toEqual({
      kind: 'interval',
      interval: 'daily',
      day: null,
      time: null,
      timezone: 'UTC',
    });
  });
  it('is not misled by keys of objects', () => {
    expect(parseRepositoryConfig('__proto__: { enabled: false }', PATH).ok).toBe(false);
    expect(merged('pullRequests: {}').enabled).toBe(true);
  });
  it('gives the defaults where nobody says anything', () => {
    expect(mergeConfig(null, null)).toEqual({ ok: true, value: defaultConfig() });
    expect(defaultConfig()).toMatchObject({
      enabled: true,
      forks: false,
      pin: false,
      schedule: { interval: 'weekly' },
    });
  });
});

describe('the published JSON Schema', () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(
    JSON.parse(repositoryJsonSchema()),
  );

  it('is current', () => {
    const file = readFileSync(new URL('../../schema/pinwheel.schema.json', import.meta.url), 'utf8');
    expect(file, 'run "node scripts/schema.ts"').toBe(repositoryJsonSchema());
  });
  it.each(GOOD)('accepts %s', (_, text) => {
    expect(validate(parse(text) ?? {}), JSON.stringify(validate.errors)).toBe(true);
  });
  it.each(
    BAD.filter(([, , message]) => /unknown key|expected keys and|not a list|required, but/.test(message)),
  )('refuses %s', (_, text) => {
    expect(validate(parse(text))).toBe(false);
  });
});

describe('patterns altogether', () => {
  const excluding = (count: number): string => {
    const patterns = Array.from({ length: count }, (_, i) => `"**/${'ab'.repeat(50)}${i}/*"`);
    return `files:\n  exclude: [${patterns.join(', ')}]\n`;
  };

  it('are as many as a large repository needs', () => {
    expect(parseRepositoryConfig(excluding(70), 'pinwheel.yml').ok).toBe(true);
  });

  it.each([
    ['many long ones', excluding(100)],
    [
      'two that stand for many',
      `files: { exclude: [${['x', 'y'].map((c) => `"{${Array.from({ length: 100 }, (_, n) => `a${n}`)}}${c.repeat(75)}*"`)}] }\n`,
    ],
    [
      'in different places',
      `${excluding(60)}holds: [{ image: "${'y'.repeat(100)}*" }, ${Array.from({ length: 20 }, (_, i) => `{ image: "${'z'.repeat(100)}${i}*" }`).join()}]\n`,
    ],
  ])('are bounded: %s', (_, text) => {
    expect(parseRepositoryConfig(text, 'pinwheel.yml')).toMatchObject({
      ok: false,
      fault: [{ file: 'pinwheel.yml', line: 1, message: expect.stringContaining('at most 8192') }],
    });
  });
});
