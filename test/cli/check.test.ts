import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../support/registry/embedded-registry.ts';
import { simplePayload, storeSimpleSignature } from '../support/signature/store-signature.ts';
import { createHarness, type Harness } from './harness.ts';

const key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

let registry: EmbeddedRegistry;
let checkout: Harness;

beforeEach(async () => {
  registry = await startEmbeddedRegistry();
  checkout = createHarness({ env: { PINWHEEL_SIGSTORE_ROOT: 'off' } });
  await checkout.write(
    'registries.yaml',
    `registries:\n  - host: "${registry.host}"\n    plainHttp: true\n    allowPrivate: true\n`,
  );
});

afterEach(async () => {
  checkout.remove();
  await registry.close();
});

const push = (tag: string, seed: string, created = '1970-01-01T00:00:00Z') =>
  registry.pushImage('base/app', tag, { seed, created }).top.digest;
const reference = (digest: Digest, tag = '1') => `${registry.host}/base/app:${tag}@${digest}`;
const image = (tag = '1') => `${registry.host}/base/app:${tag}`;

function commit(date: string): void {
  const git = (...arguments_: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...arguments_], {
      cwd: checkout.root,
      stdio: 'ignore',
      env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    });
  git('init', '-q');
  git('add', '-A', '--', ':!registries.yaml');
  git('commit', '-q', '-m', 'c');
}

const check = (...more: readonly string[]) =>
  checkout.run('check', checkout.root, '--registries', `${checkout.root}/registries.yaml`, ...more);

const json = async (...more: readonly string[]) => {
  const result = await check('--json', ...more);
  return { ...result, document: JSON.parse(result.stdout) };
};

describe('pinwheel check', () => {
  it('reads the day from the history and fails from the first day past the limit', async () => {
    const old = push('1', 'old');
    await checkout.write('Dockerfile', `FROM scratch\nFROM ${reference(old)}\n`);
    commit('2026-11-01T12:00:00Z');
    const fresh = push('1', 'new');

    const { code, document } = await json();
    expect(document).toEqual({
      pins: [
        {
          image: image(),
          digest: old,
          latest: fresh,
          status: 'expired',
          pinnedOn: '2026-11-01',
          firstSeen: null,
          published: null,
          basis: 'pinned-on',
          since: '2026-11-01',
          ageDays: 19,
          limitDays: 14,
          verdict: 'rotate',
          reasons: [{ code: 'newer-digest', message: expect.stringContaining('moved from') }],
          sites: [{ file: 'Dockerfile', line: 2 }],
        },
      ],
      violations: [
        {
          rule: 'expired',
          image: image(),
          file: 'Dockerfile',
          line: 2,
          message: expect.stringContaining('pinwheel rotate --write --only'),
        },
      ],
      failures: [],
    });
    expect(code).toBe(2);
    expect((await json('--as-of', '2026-11-15')).document.pins).toMatchObject([
      { status: 'ageing', ageDays: 14 },
    ]);
    expect((await check('--as-of', '2026-11-15')).code).toBe(0);
    expect((await check('--as-of', '2026-11-16')).code).toBe(2);
    expect((await json('--as-of', '2026-11-05')).document.pins).toMatchObject([{ status: 'fresh' }]);
  });

  it('takes a believable creation time first, and the ledger before the history', async () => {
    const old = push('1', 'old', '2026-10-01T08:00:00Z');
    await checkout.write('Dockerfile', `FROM ${reference(old)}\n`);
    commit('2026-11-18T12:00:00Z');
    push('1', 'new');
    expect((await json()).document.pins).toMatchObject([
      { status: 'expired', basis: 'published', published: '2026-10-01', pinnedOn: '2026-11-18', ageDays: 50 },
    ]);
    await checkout.run('ledger', checkout.root, '--write');
    const ledger = await checkout.read('BASE_IMAGE_DIGESTS.md');
    await checkout.write(
      'BASE_IMAGE_DIGESTS.md',
      ledger.replace('| — | 2026-11-20 | — |', '| 2026-11-17 | 2026-11-18 | 2026-11-19 |'),
    );
    expect((await json()).document.pins).toMatchObject([
      {
        status: 'fresh',
        basis: 'published',
        published: '2026-11-17',
        firstSeen: '2026-11-18',
        pinnedOn: '2026-11-19',
      },
    ]);
  });

  it('warns of a stagnant pin and names tags that are alive', async () => {
    const old = push('1.2', 'old');
    push('1.3', 'alive');
    await checkout.write('Dockerfile', `FROM ${reference(old, '1.2')}\n`);
    commit('2026-10-01T12:00:00Z');
    const { code, document, stderr } = await json();
    expect(document).toMatchObject({ pins: [{ status: 'stagnant' }], violations: [] });
    expect(code).toBe(0);
    expect(stderr).toContain('Tags that are still built: 1.3');
    await checkout.write('.github/pinwheel.yml', 'policy:\n  age:\n    stagnant: violation\n');
    expect((await json()).document.violations).toMatchObject([{ rule: 'stagnant' }]);
  });

  it('fails nothing at the stage monitor, and shows all', async () => {
    const old = push('1', 'old');
    await checkout.write('Dockerfile', `FROM ${reference(old)}\n`);
    await checkout.write('.github/pinwheel.yml', 'policy:\n  stage: monitor\n');
    commit('2026-10-01T12:00:00Z');
    push('1', 'new');
    const result = await check();
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(
      /warning: Dockerfile:1: .*past the limit of 14 days, and a newer digest exists/,
    );
  });

  it('an outage is a failure and no verdict', async () => {
    const old = push('1', 'old');
    await checkout.write('Dockerfile', `FROM ${reference(old)}\n`);
    commit('2026-10-01T12:00:00Z');
    registry.setFault(() => ({ status: 404 }));
    const { code, document } = await json();
    expect(document).toMatchObject({
      pins: [{ status: 'unknown', latest: null }],
      violations: [],
      failures: [{ image: `${registry.host}/base/app`, code: 'not-found' }],
    });
    expect(code).toBe(1);
  });

  it.each([
    [
      'required',
      2,
      [
        { rule: 'unpinned', line: 1 },
        { rule: 'unpinned', line: 2 },
      ],
    ],
    ['warn', 0, []],
    ['off', 0, []],
  ])('unpinned references, one finding a site: %s', async (pinned, code, violations) => {
    push('1', 'x');
    await checkout.write('Dockerfile', `FROM ${image()} AS a\nFROM ${image()}\n`);
    await checkout.write('.github/pinwheel.yml', `policy:\n  pinned: ${pinned}\n`);
    const result = await json();
    expect(result.document.violations).toMatchObject(violations);
    expect(result.document.violations).toHaveLength(violations.length);
    expect(result.code).toBe(code);
    expect(result.stderr.includes('is not pinned to a digest')).toBe(pinned === 'warn');
  });

  it('--ledger fails where ledger and files disagree', async () => {
    const old = push('1', 'old');
    await checkout.write('Dockerfile', `FROM ${reference(old)}\n`);
    expect((await json('--ledger')).document.violations).toMatchObject([
      { rule: 'ledger', file: 'Dockerfile', line: 1 },
    ]);
    await checkout.run('ledger', checkout.root, '--write');
    expect(await json('--ledger')).toMatchObject({ code: 0, document: { violations: [] } });

    await checkout.write('sub/Dockerfile', `FROM ${reference(old)}\n`);
    expect((await json('--ledger')).document.violations).toMatchObject([
      { rule: 'ledger', file: 'BASE_IMAGE_DIGESTS.md', message: expect.stringContaining('sub/Dockerfile') },
    ]);
    const fresh = push('1', 'new');
    await checkout.write('Dockerfile', `FROM ${reference(fresh)}\n`);
    await checkout.write('sub/Dockerfile', `FROM ${reference(fresh)}\n`);
    const { code, document } = await json('--ledger');
    expect(document.violations.map((violation: { file: string }) => violation.file)).toEqual([
      'BASE_IMAGE_DIGESTS.md',
      'Dockerfile',
      'sub/Dockerfile',
    ]);
    expect(code).toBe(2);
  });

  it('writes SARIF with one result a site', async () => {
    const old = push('1', 'old');
    await checkout.write('Dockerfile', `FROM ${reference(old)} AS a\nFROM ${reference(old)}\n`);
    commit('2026-10-01T12:00:00Z');
    push('1', 'new');
    const result = await check('--sarif');
    const sarif = JSON.parse(result.stdout);
    expect(sarif.version).toBe('2.1.0');
    expect(sarif.runs[0].results).toMatchObject([
      {
        ruleId: 'pinwheel/expired',
        level: 'error',
        locations: [
          { physicalLocation: { artifactLocation: { uri: 'Dockerfile' }, region: { startLine: 1 } } },
        ],
      },
      {
        ruleId: 'pinwheel/expired',
        level: 'error',
        locations: [{ physicalLocation: { region: { startLine: 2 } } }],
      },
    ]);
    expect(result.code).toBe(2);
  });

  it('wants trust where a rule is written and the stage enforces it', async () => {
    const old = push('1', 'old');
    await checkout.write('Dockerfile', `FROM ${reference(old)}\n`);
    const rule = `  trust:\n    - image: "${registry.host}/**"\n      signers:\n        - identity: a@example.org\n          issuer: https://issuer.example.org\n`;
    await checkout.write('.github/pinwheel.yml', `policy:\n${rule}`);
    expect((await json()).document.violations).toEqual([]);
    await checkout.write('.github/pinwheel.yml', `policy:\n  stage: provenance\n${rule}`);
    expect((await json()).document.violations).toMatchObject([
      { rule: 'untrusted', message: expect.stringContaining('not signed') },
    ]);
  });

  it('rotate asks for trust too: refused without, moved with', async () => {
    const old = push('1', 'old');
    await checkout.write('Dockerfile', `FROM ${reference(old)}\n`);
    const fresh = push('1', 'new');
    const pem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    await checkout.write('keys/acme.pub', pem);
    await checkout.write(
      '.github/pinwheel.yml',
      `policy:\n  stage: provenance\n  trust:\n    - image: "${registry.host}/**"\n      signers:\n        - keyFile: keys/acme.pub\n          log: optional\n`,
    );
    const rotate = async () => {
      const result = await checkout.run(
        'rotate',
        checkout.root,
        '--json',
        '--registries',
        `${checkout.root}/registries.yaml`,
      );
      return JSON.parse(result.stdout).rotations[0];
    };
    expect(await rotate()).toMatchObject({
      verdict: 'block',
      reasons: [{ code: 'signature-missing' }, { code: 'newer-digest' }, { code: 'scan-unavailable' }],
    });
    const payload = simplePayload(`${registry.host}/base/app`, fresh);
    const signature = sign('sha256', payload, key.privateKey);
    storeSimpleSignature(registry, 'base/app', fresh, payload, {
      signature,
      certificate: null,
      logEntry: null,
      timestamp: null,
    });
    expect(await rotate()).toMatchObject({
      verdict: 'rotate',
      to: fresh,
      reasons: [{ code: 'newer-digest' }, { code: 'scan-unavailable' }, { code: 'signature-verified' }],
    });
  });

  it('a digest whose tag nobody knows is told, not passed over', async () => {
    const old = push('1', 'old');
    await checkout.write('Dockerfile', `FROM ${registry.host}/base/app@${old}\n`);
    const { document, stderr } = await json();
    expect(document.pins).toEqual([]);
    expect(stderr).toContain('warning: Dockerfile:1');
  });

  it('explains the verdict', async () => {
    const old = push('1', 'old');
    await checkout.write('Dockerfile', `FROM ${reference(old)}\n`);
    await checkout.write('.github/pinwheel.yml', 'policy:\n  age:\n    minimum: 3d\n');
    commit('2026-11-15T12:00:00Z');
    const fresh = push('1', 'new');
    const explain = (...more: readonly string[]) =>
      checkout.run(
        'policy',
        'explain',
        image(),
        checkout.root,
        '--registries',
        `${checkout.root}/registries.yaml`,
        ...more,
      );
    const { code, stdout } = await explain();
    expect(code).toBe(0);
    for (const text of [
      'Facts',
      old,
      fresh,
      '2026-11-15',
      'Rules',
      'stage',
      'minimum age',
      'Verdict',
      'hold',
      'cool-down',
    ])
      expect(stdout).toContain(text);
    const markdown = await explain('--markdown');
    expect(markdown.stdout).toContain('<details><summary>');
    expect((await checkout.run('policy', 'explain', 'nobody/knows', checkout.root)).code).toBe(1);
  });

  it.each([
    ['2026-11-10T00:00:00Z', false],
    ['1970-01-01T00:00:00Z', true],
  ])('without a git history, an image of %s: told where it matters', async (created, isTold) => {
    await checkout.write('Dockerfile', `FROM ${reference(push('1', 'a', created))}\n`);
    const { stdout } = await check();
    expect(stdout.includes('not a git repository')).toBe(isTold);
  });

  it('--json is one document, also where nothing could be judged', async () => {
    await checkout.write('.github/pinwheel.yml', 'policy: { stage: bogus }\n');
    const result = await check('--json');
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject({
      pins: [],
      violations: [],
      failures: [{ code: 'invalid-settings', message: expect.stringContaining('policy.stage') }],
    });
  });

  it.each([
    [['--as-of', 'soon'], '--as-of needs a day'],
    [['--as-of', '2026-02-30'], '--as-of needs a day'],
    [['--json', '--sarif'], 'exclude each other'],
  ])('refuses %j', async (options, message) => {
    const result = await check(...options);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(message);
  });
});
